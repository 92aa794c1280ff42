"""Time HotCRP beside the portal, in turn: the list of the staff, and the press that submits.

`python -m tests.benchmarks.beside_hotcrp --theirs URL --chair COOKIE --authors FILE`

HotCRP runs already (`docs/beside-hotcrp.md`); the portal is started and filled here, without the processes that follow
a filing. The cookie is the whole header of the signed-in chair. FILE is a JSON list of `Request` of the kind `press`:
of each author, the form of a complete draft with the box that submits it. Each must be answered by a redirect;
the rows that their list has more are counted. Once all is filled, waits for a line of the standard input.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.benchmarks.beside_pretalx import NotComparableError, Page, figure_text, ratio_of, times_text
from tests.benchmarks.filing_portal import Traffic, filing_of, filing_portal, make_crowd, seconds_at, send
from tests.benchmarks.lists_to_fill import fill, settle
from tests.benchmarks.measuring import interleaved, machine
from tests.benchmarks.sending import RECEIPT, Request

if TYPE_CHECKING:
    from tests.faults.portal import Portal

ROWS, PEOPLE = 50, 1_150  # of our page; of whom some only have a draft
PAIRS, REPETITIONS, WARM = 15, 5, 40
CLIENTS = {1: 80, 8: 160}
"""Presses of each repetition, by number of clients."""
REDIRECT = "302"
_THEIR_ROW = b' class="pl k'

type Press = Callable[[int, int], Traffic]  # people, clients


def main() -> None:
    """Run the portal, and time both."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.beside_hotcrp")
    parser.add_argument("--theirs", required=True, help="address without a path")
    parser.add_argument("--chair", required=True, metavar="COOKIE")
    parser.add_argument("--authors", type=Path, required=True)
    asked = parser.parse_args()
    needed = WARM + REPETITIONS * sum(CLIENTS.values())
    authors = (Request(**each) for each in json.loads(asked.authors.read_text(encoding="utf-8")))
    first, whole = (Page(f"{asked.theirs}/search?t=s&q={q}", asked.chair) for q in (f"1-{ROWS}", ""))
    with filing_portal(without_workers=True) as portal:
        pages = {"our queue": _our_queue(portal), "their list": first, "their list, all rows": whole}
        _offer, people = make_crowd(number="EX-HOTCRP", count=needed, seed=1)
        sides: dict[str, Press] = {
            "ours": partial(_press, portal.port, map(filing_of, people), RECEIPT),
            "theirs": partial(_press, urlsplit(asked.theirs).port or 80, authors, REDIRECT),
        }
        sys.stderr.write("filled; press Enter on a quiet machine\n")
        sys.stdin.readline()
        sys.stdout.write(f"{machine()}\n")
        _time_lists(pages)
        before = _rows(whole)
        _time_presses(sides)
        sys.stdout.write(f"{needed} presses, {_rows(whole) - before} rows more in their list\n")


def _our_queue(portal: "Portal") -> Page:
    """Fill the portal as `lists_at_size` does; return the queue of a staff member."""
    from django.conf import settings  # noqa: PLC0415 -- needs Django set up
    from django.urls import reverse  # noqa: PLC0415 -- needs Django set up

    from intake.accounts.models import User  # noqa: PLC0415 -- needs Django set up
    from tests.factories.people import client_of  # noqa: PLC0415 -- needs Django set up

    fill(PEOPLE)
    settle(portal.urls.database_owner, "intake")
    cookies = client_of(User.objects.filter(is_staff=True).order_by("pk")[0]).cookies
    address = f"http://127.0.0.1:{portal.port}{reverse('admin:submissions_submission_changelist')}"
    return Page(address, f"{settings.SESSION_COOKIE_NAME}={cookies[settings.SESSION_COOKIE_NAME].value}")


def _rows(page: Page) -> int:
    return page.ask().count(_THEIR_ROW)


def _time_lists(pages: dict[str, Page]) -> None:
    """Print the wait for each list, of which ours is the first.

    :raises NotComparableError: if our page and the first of theirs have not `ROWS` rows.
    """
    ours, *theirs = pages.values()
    rows = [ours.look(None).rows, *map(_rows, theirs)]
    if rows[:2] != [ROWS, ROWS]:
        message = f"rows: {rows}"
        raise NotComparableError(message)
    asks: dict[str, Callable[[], object]] = {name: page.ask for name, page in pages.items()}
    waits = interleaved(asks, repetitions=PAIRS, clock=time.perf_counter)
    for (name, page), shown in zip(pages.items(), rows, strict=True):
        times = figure_text(ratio_of(waits["our queue"], waits[name]))
        size = len(page.ask())
        sys.stdout.write(
            f"{name}: {times_text(waits[name])}, {times} times ours, {shown} rows, {size:,} bytes\n"
        )


def _press(port: int, presses: Iterator[Request], outcome: str, count: int, clients: int) -> Traffic:
    """Have as many people press.

    :raises NotComparableError: if one is not submitted.
    """
    traffic = send(port, list(islice(presses, count)), clients=clients, see=False)
    found = {one.outcome for one in traffic.sent}
    if found != {outcome}:
        message = f"presses ended as {found}"
        raise NotComparableError(message)
    return traffic


def _time_presses(sides: dict[str, Press]) -> None:
    """Print for each number of clients the presses a second, and the wait for one."""
    found: dict[tuple[int, str], list[Traffic]] = {}
    for press in sides.values():
        press(WARM, max(CLIENTS))
    for repetition in range(REPETITIONS):
        for clients, count in CLIENTS.items():
            for name in sides if repetition % 2 else reversed(sides):
                found.setdefault((clients, name), []).append(sides[name](count, clients))
    for (clients, name), runs in sorted(found.items()):
        rates, sent = [run.rate for run in runs], [one for run in runs for one in run.sent]
        answered, done = (
            _half_and_most(times) for times in zip(*((one.answered, one.done) for one in sent), strict=True)
        )
        sys.stdout.write(
            f"{name}, {clients} clients: {median(rates):.1f} a second ({min(rates):.1f} to {max(rates):.1f}),"
            f" answered {answered}, done {done}, senders {sum(run.processor for run in runs):.2f} s\n"
        )


def _half_and_most(times: Sequence[float | None]) -> str:
    half, most = (1000 * seconds_at(share, times) for share in (0.5, 0.99))
    return f"p50 {half:.1f} ms, p99 {most:.1f} ms"


if __name__ == "__main__":
    main()
