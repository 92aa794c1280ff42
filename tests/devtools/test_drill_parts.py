"""The parts of a drill without a server: requests and responses of each click, and processes started and stopped."""

import asyncio
import time

import pytest
from pytest_django import Settings

from intake.devtools.deadline_drill import web
from intake.devtools.deadline_drill.candidates import ReadyCandidate
from intake.devtools.deadline_drill.web import (
    ClientOutcome,
    FilingAttempt,
    _Connections,
)

RECEIPT = b"HTTP/1.1 302 Found\r\nLocation: /candidatures/x/accuse/\r\nContent-Length: 0\r\n\r\n"
LATE = b"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\nok"
BROKEN = b"HTTP/1.1 500 Error\r\nContent-Length: 0\r\n\r\n"


class _Line:
    """One connection: its future responses, the bytes it was sent, whether it is closed. Without a response it ends."""

    def __init__(self, *answers: bytes, ends: bool = False) -> None:
        self.answers, self.ends = list(answers), ends
        self.sent = b""
        self.is_closed = False
        self.reader: asyncio.StreamReader | None = None

    def write(self, data: bytes) -> None:
        assert self.reader is not None
        self.sent += data
        if self.answers:
            self.reader.feed_data(self.answers.pop(0))
            if not self.ends:
                return
        self.reader.feed_eof()

    async def drain(self) -> None: ...

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[_Line]:
    """The connections that will be opened, in order."""
    waiting: list[_Line] = []

    async def open_connection(host: str, port: int, ssl: object = None) -> tuple[asyncio.StreamReader, _Line]:
        assert (host, port) == ("hôte", 8000)
        if not waiting:
            raise ConnectionRefusedError
        line = waiting.pop(0)
        line.reader = asyncio.StreamReader()
        return line.reader, line

    monkeypatch.setattr(asyncio, "open_connection", open_connection)
    return waiting


# -- A connection


def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_by_a_new_one(lines: list[_Line]) -> None:
    async def ask() -> None:
        first, second = _Line(RECEIPT), _Line(LATE)
        lines.extend([first, second])
        connections = _Connections("hôte", 8000)
        await connections.ask(b"x", b"")
        assert (await connections.ask(b"y", b"")).status == 409
        assert (first.sent, first.is_closed, second.sent) == (b"xy", True, b"y")

    asyncio.run(ask())


def test_a_site_of_https_gets_the_headers_of_its_proxy_and_of_a_browser(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SITE_URL = True, "https://stages.exemple.ca"
    name = web.site_name("127.0.0.1", 4321)
    headers = dict(line.split(": ") for line in web.site_headers(name).splitlines())
    assert headers == {
        "Host": "stages.exemple.ca",
        "Origin": "https://stages.exemple.ca",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "127.0.0.1",
    }


# -- A click


READY = ReadyCandidate(submission=5, path="/candidatures/x/deposer/", cookies="a=b; c=d", seen="vu")


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of each sleep; no time passes."""
    found: list[float] = []

    async def sleep(seconds: float) -> None:
        found.append(
            round(seconds, 1 if seconds < 1 else 0)
        )  # on a busy machine slightly fewer than 30 remain

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return found


def click() -> FilingAttempt:
    connections = _Connections("hôte", 8000)
    return asyncio.run(web._click(READY, time.monotonic() + 30, connections, "portail:8000"))


def test_a_candidate_clicks_at_the_planned_instant_once(lines: list[_Line], naps: list[float]) -> None:
    line = _Line(RECEIPT)
    lines.append(line)
    made = click()
    assert (made.person, made.told, made.tries, naps) == (READY, ClientOutcome.RECEIPT, 1, [30.0])
    assert made.sent <= made.answered
    body = READY.form
    assert line.sent.decode() == (
        "POST /candidatures/x/deposer/ HTTP/1.1\r\nHost: portail:8000\r\nCookie: a=b; c=d\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )


def test_a_candidate_without_clear_response_clicks_again_with_growing_delay(
    lines: list[_Line], naps: list[float]
) -> None:
    lines += [_Line(BROKEN, LATE)]
    made = click()
    assert (made.told, made.tries, naps) == (ClientOutcome.LATE, 2, [30.0, 0.2])
    naps.clear()
    assert (click().told, naps) == (ClientOutcome.NOTHING_CLEAR, [30.0, 0.2, 0.4, 0.6, 0.8])
    naps.clear()
    lines += [
        _Line(b"nonsense\r\n\r\n", ends=True),
        _Line(b"HTTP/1.1 x\r\nContent-Length: 0\r\n\r\n"),
        _Line(),
        _Line(RECEIPT),
    ]
    made = click()
    assert (made.told, made.tries) == (ClientOutcome.RECEIPT, 4)
    assert (web._TRIES, web._ANSWER_SECONDS) == (4, 300)


@pytest.mark.parametrize(
    "status, head, told",
    [
        (302, b"Location: /candidatures/x/accuse/", "RECEIPT"),
        (302, b"Location: /candidatures/x/arrivee/", "ARRIVED"),
        (302, b"Location: /connexion/", "NOTHING_CLEAR"),
        (200, b"/accuse/", "NOTHING_CLEAR"),
        (409, b"", "LATE"),
        (403, b"", "NOTHING_CLEAR"),
        (503, b"", "NOTHING_CLEAR"),
    ],
)
def test_a_response_is_a_receipt_a_refusal_or_unclear(status: int, head: bytes, told: str) -> None:
    assert web._outcome_of(web._Answer(status, head, 0.0)) == told
