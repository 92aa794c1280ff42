"""File at the best rate that the portal sustains, then at multiples of it: `python -m tests.benchmarks.capacity`.

The whole portal runs, its workers too. The best rate is that of the best number of clients who file one after the
other: a rate is sustained if the mails of the receipts keep up with it. The multiples arrive whether earlier ones are
answered or not. Prints one JSON object.
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
    from tests.faults.portal import Portal

CLIENTS = (4, 16, 64, 256)
FACTORS = "1,2,4,8"
SENDERS = 2
SHARES = (0.5, 0.99, 1)
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
            clients: _sustained(
                portal, clients, seconds=asked.best_seconds, fastest=asked.fastest, rank=next(numbers)
            )
            for clients in (CLIENTS[0], *CLIENTS)  # the first warms the portal
        }
        best = max(min(rate.values()) for rate in rates.values())
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


def _sustained(portal: "Portal", clients: int, *, seconds: int, fastest: int, rank: int) -> dict[str, float]:
    """Return the filings and the receipt mails a second of clients who file one after the other and see each receipt.

    Returns when all mails are sent, so that what is measured next begins with none.
    """
    # One more for each client: the last that it files is answered after the end.
    offer, people = make_crowd(number=f"EX-R14-{rank}", count=fastest * seconds + clients, seed=rank)
    traffic = send(portal.port, [filing_of(one) for one in people], clients=clients, lasting=seconds)
    if len(traffic.sent) == len(people):
        message = f"{len(people)} candidates filed before the {seconds} s had passed: give a larger --fastest"
        raise RuntimeError(message)
    while receipt_mails(offer).exclude(state__in=["DONE", "DEAD"]).exists():
        portal.tend()
        time.sleep(0.5)
    began = wall_clock(traffic.start)
    mailed = per_second([second - began for second in mailed_at(offer)], seconds=seconds)
    return {
        "filings": sum(_done_per_second(traffic.start, seconds)) / seconds,
        "mails": sum(mailed) / seconds,
    }


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
