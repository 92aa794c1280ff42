"""SQL statements of one filing over HTTP: at most twelve, with BEGIN and COMMIT."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.cache import cache
from django.db.backends.signals import connection_created
from pytest_django.live_server_helper import LiveServer

from intake.outbox.models import Delivery
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.models import Draft, Receipt
from tests.factories.complements import make_filed_and_closed, request_complement_for, start_answer
from tests.factories.submissions import ALL_DECLARATIONS, make_draft
from tests.submissions.pages import browser_of, url

pytestmark = pytest.mark.django_db(transaction=True)
AT_MOST = 12


@contextmanager
def statements_logged() -> Iterator[list[str]]:
    """Yield a list that receives the statements of every connection opened in the block, in any thread."""
    said: list[str] = []

    class Gather(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(str(getattr(record, "sql", record.getMessage())))

    def listen(*, connection: Any, **_signal: Any) -> None:
        connection.force_debug_cursor = True

    logger, handler = logging.getLogger("django.db.backends"), Gather()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    connection_created.connect(listen)
    try:
        yield said
    finally:
        connection_created.disconnect(listen)
        logger.setLevel(level)
        logger.removeHandler(handler)


def _press(live_server: LiveServer, draft: Draft, *, forget: bool = False, **answers: str) -> list[str]:
    """Request the page with the button, send it over HTTP, and return the statements of that request."""
    cookies = {name: morsel.value for name, morsel in browser_of(draft).cookies.items()}

    def ask(method: str, path: str, body: str | None = None) -> tuple[HTTPResponse, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": live_server.url}
        http = HTTPConnection(urlsplit(live_server.url).netloc, timeout=30)
        http.request(method, path, body, headers)
        answer = http.getresponse()
        text = answer.read().decode()
        cookies.update(
            {name: morsel.value for name, morsel in SimpleCookie(answer.getheader("Set-Cookie", "")).items()}
        )
        http.close()
        return answer, text

    _answer, page = ask("GET", url("review", draft))
    token = page.split('name="csrfmiddlewaretoken" value="', 1)[1].split('"', 1)[0]
    shown = dict(re.findall(r'type="hidden" name="(seen|parts|asked)" value="([^"]+)"', page))
    sent = shown | {"csrfmiddlewaretoken": token, **dict.fromkeys(ALL_DECLARATIONS, "on"), **answers}
    if forget:
        cache.clear()  # the server shares this process's cache: sessions too
    with statements_logged() as said:
        answer, page = ask("POST", url("file", draft), urlencode(sent))
    assert answer.status == 302, page
    assert answer.getheader("Location") == url("receipt", draft)
    return said


@pytest.mark.parametrize("kind", ["first", "amendment", "review requested"])
def test_a_filing_runs_at_most_twelve_statements(live_server: LiveServer, kind: str) -> None:
    draft = make_draft(legal_status="TEMPORARY_PERMIT") if kind == "review requested" else make_draft()
    submission = draft.submission
    asks: dict[str, Any] = (
        {"review_message": "Ma résidence permanente est confirmée."} if kind == "review requested" else {}
    )
    said = _press(live_server, draft, **asks)
    if kind == "amendment":
        submission.refresh_from_db()
        draft = start_amendment(submission=submission, actor=submission.candidate)
        Draft.objects.filter(pk=draft.pk).update(answers=draft.answers | {"first_name": "Zoé"})
        said = _press(live_server, draft)
    assert said.count("BEGIN") == said.count("COMMIT") == 1
    assert len(said) <= AT_MOST, "\n".join(said)
    receipts = Receipt.objects.filter(filing__submission=submission)
    assert receipts.count() == (2 if kind == "amendment" else 1)
    assert Delivery.objects.filter(kind="RECEIPT_MAIL").count() == receipts.count()


def test_a_filing_that_answers_a_complement_runs_two_more_statements(live_server: LiveServer) -> None:
    submission = make_filed_and_closed()
    request_complement_for(submission)
    said = _press(live_server, start_answer(submission))
    assert len(said) <= AT_MOST + 2, "\n".join(said)
    submission.refresh_from_db()
    assert submission.complements.get().answered_by_id == submission.standing_filing_id


def test_a_session_missing_in_the_cache_needs_one_more_statement(live_server: LiveServer) -> None:
    draft = make_draft()
    warm = _press(live_server, draft)
    other = make_draft(offer=draft.submission.offer)
    cold = _press(live_server, other, forget=True)
    assert len(cold) == len(warm) + 1
    assert "django_session" in cold[0]
    assert len(warm) <= AT_MOST, "\n".join(warm)
