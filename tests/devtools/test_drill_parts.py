"""The parts of a drill without a server: requests and responses of each click, and processes started and stopped."""

import asyncio
import http.client
import random
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from intake.devtools.deadline_drill import web
from intake.devtools.deadline_drill.candidates import TOKEN, ReadyCandidate
from intake.devtools.deadline_drill.web import (
    ClientOutcome,
    FilingAttempt,
    ServerError,
    _Connections,
    web_server,
)
from intake.submissions.filing.declarations import DECLARATIONS

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

    async def open_connection(host: str, port: int) -> tuple[asyncio.StreamReader, _Line]:
        assert (host, port) == ("hôte", 8000)
        if not waiting:
            raise ConnectionRefusedError
        line = waiting.pop(0)
        line.reader = asyncio.StreamReader()
        return line.reader, line

    monkeypatch.setattr(asyncio, "open_connection", open_connection)
    return waiting


# -- A connection


def _told(answer: web._Answer) -> tuple[int, bytes]:
    return answer.status, answer.head


def test_a_connection_is_reused_until_all_are_closed(lines: list[_Line]) -> None:
    async def ask() -> None:
        line = _Line(RECEIPT, LATE)
        lines.append(line)
        connections = _Connections("hôte", 8000)
        assert _told(await connections.ask(b"head", b"body")) == (302, RECEIPT)
        assert _told(await connections.ask(b"more", b"")) == (409, LATE[:-2])
        assert (line.sent, line.is_closed) == (b"headbodymore", False)
        connections.close()
        assert line.is_closed

    asyncio.run(ask())


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nall of the rest",
    ],
)
def test_a_connection_that_the_server_ends_is_closed(answer: bytes, lines: list[_Line]) -> None:
    async def ask() -> None:
        first, second = _Line(answer, ends=True), _Line(LATE)
        lines.extend([first, second])
        connections = _Connections("hôte", 8000)
        assert (await connections.ask(b"x", b"")).status == 200
        assert first.is_closed
        assert (await connections.ask(b"y", b"")).status == 409
        assert second.sent == b"y"

    asyncio.run(ask())


def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_by_a_new_one(lines: list[_Line]) -> None:
    async def ask() -> None:
        first, second = _Line(RECEIPT), _Line(LATE)
        lines.extend([first, second])
        connections = _Connections("hôte", 8000)
        await connections.ask(b"x", b"")
        assert (await connections.ask(b"y", b"")).status == 409
        assert (first.sent, first.is_closed, second.sent) == (b"xy", True, b"y")

    asyncio.run(ask())


def test_a_new_connection_without_response_is_closed_and_raises(lines: list[_Line]) -> None:
    async def ask() -> None:
        line = _Line()
        lines.append(line)
        with pytest.raises(EOFError):
            await _Connections("hôte", 8000).ask(b"x", b"")
        assert line.is_closed

    asyncio.run(ask())


# -- A click


READY = ReadyCandidate(submission=5, path="/candidatures/x/deposer/", cookies="a=b; c=d", seen="vu")


def test_a_click_sends_the_form_of_a_browser() -> None:
    declared = "&".join(f"{key}=on" for key in sorted(row.key for row in DECLARATIONS))
    assert READY.form == f"{declared}&seen=vu&csrfmiddlewaretoken={TOKEN}"
    assert TOKEN == "d" * 32


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


@pytest.mark.parametrize("head, seconds", [(b"\r\nRetry-After: 25\r\n", 25.0), (b"", 0.5)])
def test_a_page_that_waits_is_requested_again_after_its_pause(head: bytes, seconds: float) -> None:
    assert web._Answer(202, head, 0.0).again == seconds


def test_all_clicks_fall_within_the_spread_and_repeat_by_seed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Any] = []

    async def one(person: ReadyCandidate, at: float, connections: _Connections, name: str) -> Any:
        seen.append((person, at, connections.host, connections.port, name))
        return person.submission

    monkeypatch.setattr(web, "_click", one)
    people = [ReadyCandidate(rank, "", "", "") for rank in range(3)]
    drawn = random.Random(9)  # noqa: S311 -- same generator as the drill
    whens = [100 + drawn.uniform(-2, 2) for _person in people]
    said = web.file_around(people, host="h", port=1, name="n", instant=100, spread=2, seed=9)
    assert said == [0, 1, 2]  # type: ignore[comparison-overlap]  # -- the test's clicks return ranks
    assert seen == [(person, at, "h", 1, "n") for person, at in zip(people, whens, strict=True)]


def test_every_connection_is_warmed_up_with_requests(lines: list[_Line]) -> None:
    line = _Line(*[LATE] * 3)
    lines.append(line)
    web.warm(host="hôte", port=8000, name="portail", times=3)
    assert line.sent == b"GET /offres/ HTTP/1.1\r\nHost: portail\r\n\r\n" * 3
    assert line.is_closed


# -- The server of a drill


class _Process:
    """Replaces the processes of a drill: records how they were started, and ends on request or does not."""

    def __init__(self, *, ended: int | None = None, ends: bool = True) -> None:
        self.ended, self.ends = ended, ends
        self.done: list[Any] = []
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str], **options: Any) -> "_Process":
        self.commands.append(command)
        self.options = options
        return self

    def poll(self) -> int | None:
        return self.ended

    def terminate(self) -> None:
        self.done.append("terminate")

    def kill(self) -> None:
        self.done.append("kill")

    def wait(self, seconds: float | None = None) -> None:
        self.done.append(seconds)
        if seconds and not self.ends:
            raise subprocess.TimeoutExpired(self.commands[0], seconds)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Any:
    answers = [False, True]

    def start(process: _Process) -> _Process:
        monkeypatch.setattr(subprocess, "Popen", process)
        return process

    monkeypatch.setattr(web, "free_port", lambda: 4321)
    monkeypatch.setattr(
        web, "_answers", lambda host, port: (host, port) == ("127.0.0.1", 4321) and answers.pop(0)
    )
    monkeypatch.setattr(web, "time", SimpleNamespace(monotonic=time.monotonic, sleep=lambda _seconds: None))
    return start


def test_the_server_of_a_drill_gets_the_environment_and_is_stopped(
    started: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ICI", "oui")
    process = started(_Process())
    with web_server(processes=3, environment={"LA": "aussi"}) as place:
        assert place == ("127.0.0.1", 4321)
        assert process.done == []
    filing = [sys.executable, "manage.py", "deliver_outbox", "--queue", "filings", "--for-parent"]
    assert process.commands == [
        [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:4321", "--workers", "3"],
        *[filing] * 3,
        [sys.executable, "manage.py", "sweep_outbox"],
    ]
    options = process.options
    assert (options["env"]["ICI"], options["env"]["LA"], options["cwd"]) == (
        "oui",
        "aussi",
        settings.BASE_DIR,
    )
    assert options["stdin"] == options["stdout"] == subprocess.DEVNULL
    assert process.done == ["terminate"] * 5 + [40] * 5


def test_a_server_that_does_not_stop_is_killed(started: Any) -> None:
    process = started(_Process(ends=False))
    with pytest.raises(KeyError), web_server(processes=1):
        raise KeyError
    assert process.done == ["terminate"] * 3 + [40, "kill", None] * 3


def test_a_server_that_ends_or_is_silent_for_a_minute_did_not_start(
    started: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = started(_Process(ended=1))
    with pytest.raises(ServerError), web_server(processes=1):
        pass
    assert process.done == ["terminate"] * 3 + [40] * 3
    clock = iter([0.0, 60.0, 60.1])
    monkeypatch.setattr(web, "time", SimpleNamespace(monotonic=lambda: next(clock), sleep=lambda _s: None))
    monkeypatch.setattr(web, "_answers", lambda _host, _port: False)
    process = started(_Process())
    with pytest.raises(ServerError), web_server(processes=1):
        pass
    assert list(clock) == []


@pytest.mark.parametrize(
    "status, answers", [(200, True), (503, False), (OSError(), False), (http.client.HTTPException(), False)]
)
def test_a_server_is_up_if_its_health_check_returns_200(
    status: int | Exception, *, answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    class Connection:
        def __init__(self, *place: Any, timeout: float) -> None:
            asked.append((place, timeout))

        def request(self, *what: Any, headers: dict[str, str]) -> None:
            asked.append((what, headers))
            if isinstance(status, Exception):
                raise status

        def getresponse(self) -> Any:
            return SimpleNamespace(status=status)

        def close(self) -> None:
            asked.append("closed")

    monkeypatch.setattr(http.client, "HTTPConnection", Connection)
    assert web._answers("h", 7) is answers
    assert asked == [(("h", 7), 5), (("GET", "/healthz"), {"Connection": "close"}), "closed"]
