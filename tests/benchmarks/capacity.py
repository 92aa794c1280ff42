"""File at the best rate that the portal sustains, then at multiples of it: `python -m tests.benchmarks.capacity`.

The whole portal runs, its workers too. Clients who file one after the other show how many filings a second there can
be. The best rate is the highest, of those tried below, at which the mails of the receipts keep up. The multiples arrive
whether earlier ones are answered or not. Prints one JSON object.
"""

import argparse
import json
import sys
import time
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.benchmarks.arrivals import per_second, steady
from tests.benchmarks.filing_portal import (
    filed_at,
    filing_of,
    filing_portal,
    mailed_at,
    make_crowd,
    outcomes,
    receipt_mails,
    seconds_at,
    send,
    wall_clock,
)
from tests.benchmarks.sending import RECEIPT, WAITING

if TYPE_CHECKING:
    from offers.models import Offer
    from tests.faults.portal import Portal

CLIENTS = (16, 64, 256)
"""The first warm the portal too, and are too few for the best rate."""
FACTORS = "1,2,4,8"
SENDERS = 2
SHARES = (0.5, 0.99, 1)
HALVES = 4
LAG = 2.0
"""Seconds after the last arrival in which the mails of a sustained rate are sent."""
FASTEST = 100
"""Filings a second that no portal on two cores reaches: candidates for the search of the best rate."""


def main() -> None:
    """Run the portal, find its best rate, and overload it."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.capacity")
    parser.add_argument("--seconds", type=int, default=30, help="of each multiple")
    parser.add_argument("--best-seconds", type=int, default=20, help="of each number of clients")
    parser.add_argument("--fastest", type=int, default=FASTEST, help="filings a second that are prepared for")
    parser.add_argument("--factors", default=FACTORS, help="multiples of the best rate")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds after which a person gives up")
    asked = parser.parse_args()
    numbers = count(1)
    with filing_portal() as portal:
        rates = {
            clients: _closed_loop(
                portal, clients, seconds=asked.best_seconds, fastest=asked.fastest, rank=next(numbers)
            )
            for clients in CLIENTS
        }
        best = _sustained(portal, max(rates.values()), seconds=asked.best_seconds, ranks=numbers)
        steps = []
        for factor in map(int, asked.factors.split(",")):
            sys.stderr.write(f"{factor} times {best:.0f} filings a second…\n")
            step = _overload(
                *(portal, best * factor), seconds=asked.seconds, patience=asked.patience, rank=next(numbers)
            )
            steps.append(step | {"factor": factor})
        portal.tend()
        found = {"best": best, "rates": rates, "steps": steps, "seconds": asked.seconds, "fell": portal.fell}
    sys.stdout.write(json.dumps(found) + "\n")


def _closed_loop(portal: "Portal", clients: int, *, seconds: int, fastest: int, rank: int) -> float:
    """Return the filings a second of clients who file one after the other and see each receipt, mailed or not.

    Returns when all mails are sent, so that what is measured next begins with none.
    """
    # One more for each client: the last that it files is answered after the end.
    offer, people = make_crowd(number=f"EX-R14-{rank}", count=fastest * seconds + clients, seed=rank)
    traffic = send(portal.port, [filing_of(one) for one in people], clients=clients, lasting=seconds)
    if len(traffic.sent) == len(people):
        message = f"{len(people)} candidates filed before the {seconds} s had passed: give a larger --fastest"
        raise RuntimeError(message)
    _await_mails(portal, offer)
    return sum(_done_per_second(traffic.start, seconds)) / seconds


def _sustained(portal: "Portal", most: float, *, seconds: int, ranks: "count[int]") -> float:
    """Return the greatest rate of arrivals, of those tried, with which the receipts' mails keep up: halved intervals.

    They do if the last is sent within `LAG` of the last arrival. The portal cannot do `most` a second.
    """
    least = 0.0
    for _half in range(HALVES):
        rate, rank = (least + most) / 2, next(ranks)
        offer, people = make_crowd(number=f"EX-R14-{rank}", count=round(rate * seconds), seed=rank)
        presses = [filing_of(person, at=place / rate) for place, person in enumerate(people)]
        traffic = send(portal.port, presses, processes=SENDERS)
        _await_mails(portal, offer)
        behind = mailed_at(offer)[-1] - wall_clock(traffic.start) - presses[-1].at
        sys.stderr.write(f"{rate:.1f} a second: the last mail {behind:.1f} s after the last arrival\n")
        least, most = (rate, most) if behind <= LAG else (least, rate)
    if not least:
        message = f"the mails fall behind at {most:.1f} filings a second: is the machine busy?"
        raise RuntimeError(message)
    return least


def _await_mails(portal: "Portal", offer: "Offer") -> None:
    while receipt_mails(offer).exclude(state__in=["DONE", "DEAD"]).exists():
        portal.tend()
        time.sleep(0.5)


def _overload(portal: "Portal", rate: float, *, seconds: int, patience: float, rank: int) -> dict[str, Any]:
    """Have people arrive at `rate` a second, and return what became of them."""
    instants = steady(rate=rate, seconds=seconds, seed=rank)
    _offer, people = make_crowd(number=f"EX-R14-{rank}", count=len(instants), seed=rank)
    presses = [filing_of(person, at=at) for person, at in zip(people, instants, strict=True)]
    traffic = send(portal.port, presses, processes=SENDERS, patience=patience)
    return {
        "arrivals": per_second(instants, seconds=seconds),
        "done": _done_per_second(traffic.start, seconds),
        "outcomes": outcomes(traffic.sent),
        "errors": sum(one.outcome not in {RECEIPT, WAITING} for one in traffic.sent),
        "answered": [seconds_at(share, [one.answered for one in traffic.sent]) for share in SHARES],
        "seen": [
            seconds_at(share, [one.seen for one in traffic.sent if one.outcome == RECEIPT])
            for share in SHARES
        ],
        "left": max(one.left for one in traffic.sent),
        "processor": traffic.processor,
        "took": traffic.seconds,
    }


def _done_per_second(start: float, seconds: int) -> list[int]:
    """Return how many filings were committed in each second after the start, of those who waited before it too."""
    began = wall_clock(start)
    return per_second([second - began for second in filed_at()], seconds=seconds)


if __name__ == "__main__":
    main()
