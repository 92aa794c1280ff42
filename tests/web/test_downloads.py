"""Files sent to one person at once; `tests/faults/test_slow_clients.py` downloads them from a real server."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import RequestFactory

from intake.accounts.models import User
from intake.web import downloads
from intake.web.downloads import AT_ONCE, SMALL, DownloadsMiddleware


def ask(person: int, *, size: int = SMALL) -> int:
    """Let `person` ask for a file; return the status of the answer."""
    request = RequestFactory().get("/")
    request.user = User(pk=person)
    answer: Any = StreamingHttpResponse(headers={"Content-Length": str(size)})
    return DownloadsMiddleware(lambda _request: answer)(request).status_code


def test_a_person_gets_so_many_files_at_once_and_another_once_one_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[Callable[[], None]] = []

    def keep(_environ: object, call: Callable[[], None]) -> bool:
        sent.append(call)
        return True

    monkeypatch.setattr(downloads, "call_when_sent", keep)
    assert [ask(1) for _file in range(AT_ONCE + 1)] == [200] * AT_ONCE + [429]
    assert ask(1, size=SMALL - 1) == 200, "a small file is not counted"
    assert ask(2) == 200
    sent.pop(0)()
    assert [ask(1), ask(1)] == [200, 429]
    for end in sent:
        end()


def test_no_file_is_refused_under_a_server_that_counts_none() -> None:
    assert [ask(1) for _file in range(AT_ONCE + 1)] == [200] * (AT_ONCE + 1)
