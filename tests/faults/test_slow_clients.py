"""Slow clients of the portal itself: what one person downloads at once, a press that is cut off, and the others."""

import os
import statistics
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.urls import reverse

from intake.devtools.deadline_drill.candidates import ReadyCandidate, cookies_of, sign_in
from intake.devtools.deadline_drill.web import web_server
from intake.submissions.models import Arrival, Draft
from intake.web.downloads import AT_ONCE
from tests.factories.submissions import make_draft
from tests.faults.http_client import ask, click
from tests.web.slow_clients import Address, SlowClients, head_of, p99, seconds_of, slow_clients

pytestmark = pytest.mark.usefixtures("served")

SIZE = 9_000_000
MANY = 100
EACH = 100
"""Requests of each kind that are measured."""


def _large_document(draft: Draft, folder: Path) -> str:
    """Give a document of `draft` a file of 9 MB in the storage of the web server; return its address."""
    document = draft.documents.select_related("upload")[0]
    file = folder / "media" / str(document.upload.file.name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"%PDF-1.7\n" + os.urandom(SIZE))
    return reverse(
        "submissions:document_show", args=[draft.submission.public_id, document.request_id, "fichier.pdf"]
    )


def _press(person: ReadyCandidate, *, longer_by: int) -> bytes:
    length = len(person.form) + longer_by
    form = "Content-Type: application/x-www-form-urlencoded"
    head = head_of("POST", person.path, f"Cookie: {person.cookies}", form, f"Content-Length: {length}")
    return head + person.form.encode()


def test_a_person_who_downloads_too_many_files_at_once_has_to_wait(tmp_path: Path) -> None:
    draft, other = make_draft(), make_draft()
    path, cookies = _large_document(draft, tmp_path), cookies_of(draft.submission.candidate)
    with web_server(processes=1) as address, slow_clients(address) as slow:
        slow.connect(AT_ONCE, head_of("GET", path, f"Cookie: {cookies}"))
        for client in slow.opened:
            assert client.recv(12) == b"HTTP/1.1 200"
        refused = ask(address, "GET", path, cookies)
        assert refused.status == 429
        said = refused.body.decode()
        assert "Le portail vous envoie déjà 6 fichiers en même temps." in said
        assert "Attendez la fin d’un téléchargement, ou annulez-en un, puis réessayez." in said
        # A page of theirs, and another person's file.
        page = reverse("submissions:review", args=[draft.submission.public_id])
        assert ask(address, "GET", page, cookies).status == 200
        theirs = _large_document(other, tmp_path)
        assert len(ask(address, "GET", theirs, cookies_of(other.submission.candidate)).body) > SIZE
        slow.opened[0].close()
        _wait_for(lambda: ask(address, "GET", path, cookies).status == 200)


def _wait_for(found: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not found():
        assert time.monotonic() < ends
        time.sleep(0.1)


@pytest.mark.parametrize(
    "ended", [True, pytest.param(False, marks=pytest.mark.full)], ids=["half-closed", "reset"]
)
def test_a_press_that_is_shorter_than_announced_does_not_arrive(ended: bool) -> None:  # noqa: FBT001 -- pytest gives it
    person = sign_in(make_draft())
    with web_server(processes=1) as address:
        with slow_clients(address) as slow:
            slow.connect(1, _press(person, longer_by=1), ended=ended)
            time.sleep(1)
        assert ask(address, "GET", "/healthz", "").status == 200
        time.sleep(1)
        assert not Arrival.objects.exists()
        assert click(address, person).location.endswith("/accuse/")


@pytest.mark.full
def test_many_slow_clients_of_each_kind_delay_the_others_little(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Print the quotient of the 99th centiles; assert that all are answered, whatever else this machine does."""
    slow_ones = [make_draft() for _each in range(4)]
    paths = {cookies_of(draft.submission.candidate): _large_document(draft, tmp_path) for draft in slow_ones}
    people = [[sign_in(make_draft()) for _each in range(EACH)] for _time in range(2)]
    with web_server(processes=1) as address, slow_clients(address) as slow:
        seconds_of(lambda _turn: ask(address, "GET", "/offres/", "").status, 10)
        alone = _others(address, people[0])
        _attack(slow, paths)
        seconds_of(lambda _turn: ask(address, "GET", "/healthz", "").status, 5)
        attacked = _others(address, people[1])
    with capsys.disabled():
        for name, before in alone.items():
            after = attacked[name]
            print(  # noqa: T201 -- the figures of this test
                f"\n{name}: 99th centile {p99(before) * 1000:.0f} ms alone, {p99(after) * 1000:.0f} ms with "
                f"{len(slow.opened)} slow clients: × {p99(after) / p99(before):.2f}; "
                f"median × {statistics.median(after) / statistics.median(before):.2f}",
                end="",
            )
    assert max(map(max, (*alone.values(), *attacked.values()))) < 60  # infinity: not answered
    assert Arrival.objects.count() == 2 * EACH


def _attack(slow: SlowClients, paths: dict[str, str]) -> None:
    for cookies, path in paths.items():
        slow.connect(MANY // 4, head_of("GET", path, f"Cookie: {cookies}"))
    slow.connect(MANY)
    slow.connect(MANY, b"GET / HTTP/1.1\r\nHost: a\r\nX: ", slowly=b"x")
    slow.connect(MANY, head_of("POST", "/offres/", "Content-Length: 9000"), slowly=b"x")
    slow.connect(MANY, head_of("POST", "/offres/", "Content-Length: 9000") + b"x", ended=True)
    slow.connect(MANY, head_of("GET", "/healthz", "Connection: close"))
    slow.connect(MANY, head_of("GET", "/offres/", "Connection: close"), ended=True)


def _others(address: Address, people: list[ReadyCandidate]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {}

    def measure(name: str, request: Callable[[int], int]) -> None:
        taken[name] = seconds_of(request, len(people), every=0.1)

    threads = [
        threading.Thread(target=partial(measure, name, request))
        for name, request in {
            "probes": lambda _turn: ask(address, "GET", "/healthz", "").status,
            "pages": lambda _turn: ask(address, "GET", "/offres/", "").status,
            "presses": lambda turn: click(address, people[turn]).status,
        }.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken
