"""P4 (`docs/targets.md`): time a list of the portal beside lists of pretalx, page by page in turn.

`python -m tests.benchmarks.beside_pretalx --ours URL COOKIE --theirs URL COOKIE [--theirs …] [--server URL]`

Both portals run already, each with one web process; a cookie is the whole header of a signed-in user. Each page must
show as many rows as ours. With `--server`, the superuser's address of the one PostgreSQL of both, the statements of
each page are counted there: no other process may use it. There are two figures: the wait of the reader, and the
processor time of the web server's processes on this machine (Linux), which other load changes little; PostgreSQL's
part is only in the first. Exits with 0 if the wait for each of their pages is at least ten times the wait for ours, 1
otherwise, 2 if the pages cannot be compared.
"""

import argparse
import datetime as dt
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import psutil
import psycopg

from tests.benchmarks.measuring import Figure, Target, interleaved
from tests.benchmarks.recorded import write_record

TARGET = Target(">=", 10)
PAIRS, WARM = 15, 3
COMMAND = "python -m tests.benchmarks.beside_pretalx --record"
REACHED, NOT_REACHED, BAD_INPUT = 0, 1, 2
_CALLS = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'"


class NotComparableError(Exception):
    """The page is not a list that the user may see, or has another number of rows."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Size of a page."""

    rows: int
    size: int
    statements: int | None


class Page:
    """A page of a portal, requested over a new connection each time."""

    def __init__(self, url: str, cookie: str) -> None:
        parts = urlsplit(url)
        self.url = url
        self._path = parts._replace(scheme="", netloc="").geturl()
        self._cookie = cookie
        self._host, self._port = parts.hostname or "", parts.port

    def ask(self) -> bytes:
        """Return the page.

        :raises NotComparableError: if the status is not 200, for example a redirect to the sign-in.
        """
        connection = HTTPConnection(self._host, self._port, timeout=60)
        try:
            connection.request("GET", self._path, headers={"Cookie": self._cookie})
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            message = f"{self.url} answered {answer.status}"
            raise NotComparableError(message)
        return body

    @cached_property
    def _listening(self) -> list[int]:
        """Processes that listen at the address. Cached, because the search reads every open file of the machine."""
        return [
            one.pid
            for one in psutil.net_connections("tcp")
            if one.pid and one.status == "LISTEN" and one.laddr[1:2] == (self._port,)
        ]

    def spent(self) -> float:
        """Return the seconds of processor time of the processes that listen at the address, since their start."""
        threads = [path for pid in self._listening for path in Path(f"/proc/{pid}/task").glob("*/schedstat")]
        return sum(map(_nanoseconds, threads)) / 1e9

    def look(self, server: "psycopg.Connection | None") -> Seen:
        """Return the size of the page; rows without the table's header."""
        before = _calls(server)
        body = self.ask()
        after = _calls(server)
        statements = None if before is None or after is None else after - before
        return Seen(max(body.count(b"<tr") - 1, 0), len(body), statements)


def _nanoseconds(thread: Path) -> int:
    """Return the processor time of a thread; 0 if it has ended."""
    try:
        return int(thread.read_text().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.beside_pretalx", description=__doc__)
    pair = ("URL", "COOKIE")
    parser.add_argument("--ours", nargs=2, metavar=pair, required=True)
    parser.add_argument("--theirs", nargs=2, metavar=pair, required=True, action="append")
    parser.add_argument("--server", help="the PostgreSQL of both, as its superuser")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--record", action="store_true", help="keep the figure for `make bench`")
    asked = parser.parse_args(arguments)
    pages = {url: Page(url, cookie) for url, cookie in (asked.ours, *asked.theirs)}
    try:
        found = _compare(pages, pairs=asked.pairs, server=asked.server)
    except (NotComparableError, OSError) as error:
        sys.stderr.write(f"beside_pretalx: {error}\n")
        return BAD_INPUT
    if asked.record:
        worst = min(found.values(), key=lambda figure: figure.value)
        note = "; ".join(f"{urlsplit(url).path} {figure_text(figure)}" for url, figure in found.items())
        write_record("P4", replace(worst, note=note), command=COMMAND, on=dt.datetime.now(tz=dt.UTC).date())
    return REACHED if all(TARGET.holds(figure.value) for figure in found.values()) else NOT_REACHED


def _compare(pages: Mapping[str, Page], *, pairs: int, server: str | None) -> dict[str, Figure]:
    """Print the times of each page; return how many times ours each of theirs takes."""
    for page in pages.values():
        for _ in range(WARM):
            page.ask()
    seen = _look_at(pages, server)
    ours, *theirs = pages
    for url in theirs:
        if seen[url].rows != seen[ours].rows:
            message = f"{seen[url].rows} rows in {url}, {seen[ours].rows} in {ours}"
            raise NotComparableError(message)
    waits = interleaved(
        {url: page.ask for url, page in pages.items()}, repetitions=pairs, clock=time.perf_counter
    )
    spent = _spent(pages, pairs)
    sys.stdout.write(f"load {os.getloadavg()[0]:.1f}, {pairs} repetitions in turn\n")
    for url in pages:
        _tell(url, seen[url], waits[url], spent[url])
    found = {}
    for url in theirs:
        wait, work = (ratio_of(times[ours], times[url]) for times in (waits, spent))
        found[url] = wait
        sys.stdout.write(
            f"{figure_text(wait)} times ours, on the processor {figure_text(work)} (target {TARGET}): {url}\n"
        )
    return found


def _spent(pages: Mapping[str, Page], pairs: int) -> dict[str, list[float]]:
    """Return the seconds of processor time of each page, measured in turn."""
    spent: dict[str, list[float]] = {url: [] for url in pages}
    for _ in range(pairs):
        for url, page in pages.items():
            before = page.spent()
            page.ask()
            spent[url].append(page.spent() - before)
    return spent


def ratio_of(ours: list[float], theirs: list[float]) -> Figure:
    """Return how many times ours each of theirs is."""
    return Figure.of([their / our for our, their in zip(ours, theirs, strict=True)], "")


def figure_text(figure: Figure) -> str:
    """Return the median of a figure, its lowest and its highest."""
    return f"{figure.value:.1f} ({figure.low:.1f} to {figure.high:.1f})"


def times_text(seconds: list[float]) -> str:
    """Return the median of times in milliseconds, the lowest and the highest."""
    return f"{1000 * median(seconds):.0f} ms ({1000 * min(seconds):.0f} to {1000 * max(seconds):.0f})"


def _look_at(pages: Mapping[str, Page], server: str | None) -> dict[str, Seen]:
    if server is None:
        return {url: page.look(None) for url, page in pages.items()}
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        return {url: page.look(connection) for url, page in pages.items()}


def _calls(server: "psycopg.Connection | None") -> int | None:
    if server is None:
        return None
    row = server.execute(_CALLS).fetchone()
    return int(row[0]) if row else None


def _tell(url: str, seen: Seen, waits: list[float], spent: list[float]) -> None:
    wait, work = times_text(waits), times_text(spent)
    counted = "" if seen.statements is None else f", {seen.statements} statements"
    sys.stdout.write(
        f"{wait}, {work} on the processor, {seen.rows} rows, {seen.size:,} bytes{counted}: {url}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
