"""Web server of a drill, and its clients: each candidate files at their own instant, over keep-alive connections."""

import asyncio
import contextlib
import http.client
import math
import os
import random
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from intake.devtools.embedded.keeper import free_port

from .candidates import ReadyCandidate

_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 40
_TRIES: Final = 4
"""Attempts of a candidate who gets no answer, or an error."""
_FIRST_LOOK_SECONDS: Final = 0.5  # a browser follows the redirection at once
_SETTLED_SECONDS: Final = 15 * 60
_ANSWER_SECONDS: Final = 300  # long: a candidate who clicks again lengthens the rush


class ServerError(Exception):
    """The web server of the drill did not start."""

    code = "SERVER_NOT_STARTED"


@contextlib.contextmanager
def web_server(
    *, processes: int, environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[str, int]]:
    """Run gunicorn, configured as the portal's, on a free port, with `environment` added; yield host and port.

    With it run a worker that files what arrived, and the sweep.

    :raises ServerError: if it does not answer within a minute.
    """
    port = free_port()
    commands = [
        ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(processes)],
        *[["manage.py", "deliver_outbox", "--queue", "filings", "--for-parent"]] * processes,
        ["manage.py", "sweep_outbox"],
    ]
    started = [
        subprocess.Popen(  # noqa: S603 -- the command is built here, without input
            [sys.executable, *command],
            cwd=settings.BASE_DIR,
            env=os.environ | dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        for command in commands
    ]
    server = started[0]
    try:
        ends = time.monotonic() + _START_SECONDS
        while not _answers("127.0.0.1", port):
            if server.poll() is not None or time.monotonic() > ends:
                raise ServerError
            time.sleep(0.1)
        yield "127.0.0.1", port
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def site_name(host: str, port: int) -> str:
    """Return the Host of requests to a server that no proxy is before: a site of https takes its own name alone."""
    return urlsplit(settings.SITE_URL).netloc if settings.SECURE_SSL_REDIRECT else f"{host}:{port}"


def site_headers(name: str) -> str:
    """Return the headers that name the site; to one of https, those of its proxy and of a browser too."""
    if not settings.SECURE_SSL_REDIRECT:
        return f"Host: {name}\r\n"
    return f"Host: {name}\r\nOrigin: https://{name}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 127.0.0.1\r\n"


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Connection": "close", "Host": site_name(host, port)})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class ClientOutcome(StrEnum):
    """Last answer that a candidate received."""

    RECEIPT = "RECEIPT"
    LATE = "LATE"
    NOT_FILED = "NOT_FILED"
    """Arrived in time, and not filed: the page says why."""
    ARRIVED = "ARRIVED"
    NOTHING_CLEAR = "NOTHING_CLEAR"
    """No answer, or an error, at each attempt."""


@dataclass(frozen=True, slots=True)
class FilingAttempt:
    """One candidate's filing, in monotonic seconds, and its outcome.

    Between `sent` and `reached` the whole request came to the server's machine. `answered`: the press was answered, by
    a receipt, an arrival or a refusal. `settled`: the last page says that it is filed, or why not.
    """

    person: ReadyCandidate
    sent: float
    reached: float
    answered: float
    settled: float
    told: ClientOutcome
    tries: int

    @property
    def arrived(self) -> bool:
        """True if the answer was not yet the receipt, or the refusal, but the page that leads to it."""
        return self.settled > self.answered


@dataclass(frozen=True, slots=True)
class _Answer:
    """Status and head of an answer, and the monotonic second by which its request was in the server's buffer."""

    status: int
    head: bytes
    reached: float

    @property
    def again(self) -> float:
        """Seconds after which the server wants to be asked again."""
        said = re.search(rb"\r\nretry-after: ([0-9]+)\r\n", self.head.lower())
        return float(said[1]) if said else _FIRST_LOOK_SECONDS


class _Connections:
    """Idle keep-alive connections to one server."""

    def __init__(self, host: str, port: int, *, tls: bool = False) -> None:
        self.host = host
        self.port = port
        self.tls = ssl.create_default_context() if tls else None
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, head: bytes, body: bytes = b"") -> "_Answer":
        """Send a request; return its answer. Reconnect if the server closed a kept connection."""
        kept = self._idle.pop() if self._idle else None
        if kept is not None:
            with contextlib.suppress(OSError, EOFError):
                return await self._exchange(*kept, head, body)
        opened = await asyncio.open_connection(self.host, self.port, ssl=self.tls)
        return await self._exchange(*opened, head, body)

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes, body: bytes
    ) -> "_Answer":
        try:
            writer.write(head + body)
            await writer.drain()
            reached = time.monotonic()
            answer = await reader.readuntil(b"\r\n\r\n")
            lines = answer.lower().split(b"\r\n")
            lengths = [int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")]
            await (reader.readexactly(lengths[0]) if lengths else reader.read())
        except BaseException:
            writer.close()
            raise
        if lengths and b"connection: close" not in lines:
            self._idle.append((reader, writer))
        else:
            writer.close()
        return _Answer(int(answer.split()[1]), answer, reached)

    def close(self) -> None:
        """Close the idle connections."""
        for _reader, writer in self._idle:
            writer.close()


def file_around(
    people: Sequence[ReadyCandidate],
    *,
    host: str,
    port: int,
    name: str,
    instant: float,
    spread: float,
    seed: int,
    tls: bool = False,
) -> list[FilingAttempt]:
    """File once for each candidate, at random within `spread` seconds of monotonic `instant`; `name` is the Host."""
    chance = random.Random(seed)  # noqa: S311 -- a drill that can be repeated with its seed, no secret
    when = [instant + chance.uniform(-spread, spread) for _person in people]
    return asyncio.run(_all(people, when, _Connections(host, port, tls=tls), name))


def warm(*, host: str, port: int, name: str, times: int, tls: bool = False) -> None:
    """Request a page `times` times at once, so that every process of the server has rendered one."""
    asyncio.run(_warm(_Connections(host, port, tls=tls), name, times))


async def _warm(connections: _Connections, name: str, times: int) -> None:
    head = f"GET /offres/ HTTP/1.1\r\n{site_headers(name)}\r\n".encode()
    await asyncio.gather(*(connections.ask(head, b"") for _time in range(times)))
    connections.close()


async def _all(
    people: Sequence[ReadyCandidate], when: Sequence[float], connections: _Connections, name: str
) -> list[FilingAttempt]:
    clicks = await asyncio.gather(
        *(_click(person, at, connections, name) for person, at in zip(people, when, strict=True))
    )
    connections.close()
    return clicks


async def _click(person: ReadyCandidate, at: float, connections: _Connections, name: str) -> FilingAttempt:
    body = person.form.encode()
    head = (
        f"POST {person.path} HTTP/1.1\r\n{site_headers(name)}Cookie: {person.cookies}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    await asyncio.sleep(max(0.0, at - time.monotonic()))
    sent = time.monotonic()
    told, tries, reached = ClientOutcome.NOTHING_CLEAR, 0, math.inf
    while told is ClientOutcome.NOTHING_CLEAR and tries < _TRIES:
        tries += 1
        with contextlib.suppress(OSError, EOFError, TimeoutError, ValueError, IndexError):
            async with asyncio.timeout(_ANSWER_SECONDS):
                answer = await connections.ask(head, body)
                reached = min(reached, answer.reached)
                told = _outcome_of(answer)
        if told is ClientOutcome.NOTHING_CLEAR:
            await asyncio.sleep(0.2 * tries)
    answered = settled = time.monotonic()
    if told is ClientOutcome.ARRIVED:
        told = await _follow(person, connections, name, again=answer.again)
        settled = time.monotonic()
    return FilingAttempt(person, sent, reached, answered, settled, told, tries)


async def _follow(
    person: ReadyCandidate, connections: _Connections, name: str, *, again: float
) -> ClientOutcome:
    """Ask for the page of the arrival after `again` seconds, then as it does itself, until the receipt or a reason."""
    path = person.path.replace("/deposer/", "/arrivee/")
    head = f"GET {path} HTTP/1.1\r\n{site_headers(name)}Cookie: {person.cookies}\r\n\r\n".encode()
    ends = time.monotonic() + _SETTLED_SECONDS
    while time.monotonic() < ends:
        await asyncio.sleep(again)
        with contextlib.suppress(OSError, EOFError, TimeoutError, ValueError, IndexError):
            async with asyncio.timeout(_ANSWER_SECONDS):
                answer = await connections.ask(head)
                if answer.status == http.HTTPStatus.FOUND and b"/accuse/" in answer.head:
                    return ClientOutcome.RECEIPT
                if answer.status == http.HTTPStatus.OK:
                    return ClientOutcome.NOT_FILED
                again = answer.again
    return ClientOutcome.NOTHING_CLEAR


def _outcome_of(answer: _Answer) -> ClientOutcome:
    if answer.status == http.HTTPStatus.FOUND and b"/accuse/" in answer.head:
        return ClientOutcome.RECEIPT
    if answer.status == http.HTTPStatus.ACCEPTED or (
        answer.status == http.HTTPStatus.FOUND and b"/arrivee/" in answer.head
    ):
        return ClientOutcome.ARRIVED
    return ClientOutcome.LATE if answer.status == http.HTTPStatus.CONFLICT else ClientOutcome.NOTHING_CLEAR
