"""Send planned requests to a portal: `python -m tests.benchmarks.sending PLAN OUT`, two JSON files.

Without `clients`, each request leaves at its planned instant, whether earlier ones are answered or not, and its
seconds count from that instant: a slow server cannot slow down the arrivals (no coordinated omission). With
`clients`, as many send one after the other. A filing is followed from answer to answer until its receipt, as a
browser follows redirects and pages that lead on by themselves.

Needs the standard library only, so that several of these processes start at once beside the portal.
"""

import asyncio
import contextlib
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

RECEIPT_PATH = "/accuse/"
FILE = "file"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
CONFLICT, OK, ACCEPTED = 409, 200, 202
RECEIPT, LATE, DONE, UNANSWERED, NO_WAY_ON = "RECEIPT", "LATE", "DONE", "UNANSWERED", "NO_WAY_ON"
WAITING = "WAITING"
"""Outcomes of a request. `WAITING`: the press was answered by a page that leads on, and there was no receipt when the
person gave up. Another status of the server is its own outcome, as `503`."""
_META = re.compile(r"""<meta[^>]+http-equiv=["']?refresh["']?[^>]*content=["']([^"']*)["']""", re.IGNORECASE)
_REFRESH = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:;\s*url\s*=\s*(.*))?$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Request:
    """A request to send at `at` seconds after the start. `kind` is `file`, or a name that the figures use."""

    kind: str
    path: str
    at: float = 0.0
    cookies: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Requests to the portal of an address, in the order of their instants.

    `start` is a second of the monotonic clock, `patience` the seconds after which a person gives up. With `see`, the
    receipt's page is requested too. `clients` send for `lasting` seconds, or all requests if it is 0.
    """

    host: str
    port: int
    start: float
    requests: list[Request]
    clients: int = 0
    patience: float = 60.0
    see: bool = True
    lasting: float = 0.0


@dataclass(slots=True)
class Sent:
    """A sent request. Seconds after its planned instant: when it left, its first answer, its receipt known and seen."""

    kind: str
    at: float
    left: float = 0.0
    answered: float | None = None
    receipt: float | None = None
    seen: float | None = None
    outcome: str = UNANSWERED

    @property
    def done(self) -> float:
        """Seconds until a filing's receipt was known, or another request was answered.

        :raises RuntimeError: if that never came.
        """
        seconds = self.receipt if self.kind == FILE else self.answered
        if seconds is None:
            message = f"a request ended as {self.outcome}"
            raise RuntimeError(message)
        return seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers `Location`, `Refresh` and `Retry-After`, and body of an answer."""

    status: int
    location: str
    refresh: str
    retry: str
    body: bytes

    def leads_on(self, path: str) -> tuple[float, str] | None:
        """Return the seconds after which the page at `path` leads on by itself, and where to; None if it does not.

        Its script asks again after the seconds of `Retry-After`, sooner than a browser without scripts.
        """
        found = _META.search(self.body.decode(errors="replace"))
        parts = _REFRESH.match(self.refresh or (unescape(found[1]) if found else ""))
        if parts is None:
            return None
        return float(self.retry or parts[1]), _path_of(urljoin(path, (parts[2] or "").strip().strip("'\"")))


@dataclass(slots=True)
class Browser:
    """One person's connection, opened again if the server has closed it."""

    host: str
    port: int
    cookies: str
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None)

    async def ask(self, path: str, body: str = "") -> Answer:
        """Send a request, a POST if it has a body."""
        head = f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
        head += f"Cookie: {self.cookies}\r\n" if self.cookies else ""
        if body:
            token = self.cookies.rpartition("=")[2]
            head += f"Content-Type: application/x-www-form-urlencoded\r\nX-CSRFToken: {token}\r\n"
            head += f"Content-Length: {len(body.encode())}\r\n"
        content = f"{head}\r\n{body}".encode()
        if self._streams is not None:
            with contextlib.suppress(OSError, EOFError):
                return await self._exchange(self._streams, content)
        self._streams = await asyncio.open_connection(self.host, self.port)
        return await self._exchange(self._streams, content)

    async def _exchange(
        self, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], content: bytes
    ) -> Answer:
        reader, writer = streams
        writer.write(content)
        await writer.drain()
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines[1:])
        }
        length = headers.get("content-length")
        body = await (reader.read() if length is None else reader.readexactly(int(length)))
        if length is None or headers.get("connection", "").lower() == "close":
            self.close()
        location, refresh, retry = (headers.get(name, "") for name in ("location", "refresh", "retry-after"))
        return Answer(int(lines[0].split()[1]), location, refresh, retry, body)

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def _path_of(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


async def send(plan: Plan) -> list[Sent]:
    """Send all requests of a plan; return what became of each, in their order."""
    if plan.clients:
        await asyncio.sleep(max(0.0, plan.start - time.monotonic()))
        waiting = iter(plan.requests)
        found = await asyncio.gather(*(_client(plan, waiting) for _client_of in range(plan.clients)))
        return [one for some in found for one in some]
    under_way = []
    for request in plan.requests:
        await asyncio.sleep(max(0.0, plan.start + request.at - time.monotonic()))
        under_way.append(asyncio.create_task(_alone(plan, request)))
    return await asyncio.gather(*under_way)


async def _client(plan: Plan, waiting: Iterator[Request]) -> list[Sent]:
    found = []
    browser = Browser(plan.host, plan.port, "")
    for request in waiting:
        if plan.lasting and time.monotonic() > plan.start + plan.lasting:
            break
        browser.cookies = request.cookies
        found.append(await _follow(plan, request, browser, began=time.monotonic()))
    browser.close()
    return found


async def _alone(plan: Plan, request: Request) -> Sent:
    browser = Browser(plan.host, plan.port, request.cookies)
    try:
        return await _follow(plan, request, browser, began=plan.start + request.at)
    finally:
        browser.close()


async def _follow(plan: Plan, request: Request, browser: Browser, *, began: float) -> Sent:
    sent = Sent(request.kind, began - plan.start, left=time.monotonic() - began)
    with contextlib.suppress(OSError, EOFError, TimeoutError, ValueError, IndexError):
        async with asyncio.timeout(plan.patience):
            answer = await browser.ask(request.path, request.body)
            sent.answered = time.monotonic() - began
            if request.kind == FILE:
                sent.outcome = await _to_the_receipt(plan, browser, request.path, answer, sent, began)
            else:
                sent.outcome = DONE if answer.status == OK else str(answer.status)
    return sent


async def _to_the_receipt(
    plan: Plan, browser: Browser, path: str, answer: Answer, sent: Sent, began: float
) -> str:
    """Follow the answers to a press until the receipt; return the outcome."""
    while True:
        wait = 0.0
        if answer.status in REDIRECTS:
            path = _path_of(urljoin(path, answer.location))
        elif answer.status == OK and path.endswith(RECEIPT_PATH):
            sent.seen = time.monotonic() - began
            return RECEIPT
        elif answer.status in {OK, ACCEPTED} and (on := answer.leads_on(path)) is not None:
            wait, path = on
            sent.outcome = WAITING
        else:
            return {CONFLICT: LATE, OK: NO_WAY_ON}.get(answer.status, str(answer.status))
        if path.endswith(RECEIPT_PATH) and sent.receipt is None:
            sent.receipt = time.monotonic() - began
            if not plan.see:
                return RECEIPT
        await asyncio.sleep(wait)
        answer = await browser.ask(path)


def read_plan(path: Path) -> Plan:
    """Read a plan."""
    plan: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Plan(**plan | {"requests": [Request(**each) for each in plan["requests"]]})


def main() -> None:
    """Send, and write what became of each request and this process's own seconds of processor time."""
    plan = read_plan(Path(sys.argv[1]))
    before = time.process_time()  # without the start and the reading of the plan
    sent = asyncio.run(send(plan))
    spent = time.process_time() - before
    found = {"processor": spent, "sent": [asdict(one) for one in sent]}
    Path(sys.argv[2]).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
