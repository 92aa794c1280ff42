"""Break a portal of several machines during rushes: `python -m tests.faults.several_machines --folder DIR …`.

Options: `--filings 60` (of each rush), `--rate 4` (a second), `--seed 1`, `--only pooler,failover`. Candidates file
through two web servers in turn, and through the other one when the first does not answer, as behind a load balancer.
One third of the way, one part breaks; after a while it is started again. In the first rush nothing breaks, and the
processor time of each process is noted. Prints a table; writes `machines.json`.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from intake.submissions.delivery_kinds import ORIGINALS_ERASURE
from tests.faults import portal as portals
from tests.faults.failure_points import Point
from tests.faults.machines import WEB_SERVERS, WORKERS, SeveralMachines
from tests.faults.measuring import percentile
from tests.migrated_database import copy_migrated_database

if TYPE_CHECKING:
    from tests.faults.people import Person

CLIENTS = 32
INSIST_SECONDS = 180
OUTAGE_SECONDS = 5
SETTLE_SECONDS = 600
PHASES = ("before", "during", "after")
QUIET, FAILOVER = "nothing", "failover"


@dataclass(frozen=True, slots=True)
class Press:
    """One candidate's press: when (`time.time`), until an answer, how many tries, and whether there was one."""

    person: "Person"
    began: float
    seconds: float
    tries: int
    answered: bool


@dataclass
class Rush:
    """The presses of one rush, and the instants between which a part was broken."""

    fault: str
    presses: list[Press] = field(default_factory=list)
    broken_at: float = 0.0
    mended_at: float = 0.0
    sessions: int = 0
    rows: list[str] = field(default_factory=list)
    """Invariants that rows violated just after the rush."""

    def phase_of(self, press: Press) -> str:
        """Return the phase in which a press began."""
        if press.began < self.broken_at:
            return "before"
        return "during" if press.began < self.mended_at else "after"


class Machines:
    """Rushes and faults of one portal."""

    def __init__(self, portal: SeveralMachines, *, filings: int, rate: float, seed: str) -> None:
        from tests.faults.people import Crowd  # noqa: PLC0415 -- needs the portal's settings

        self.portal = portal
        self.filings = filings
        self.rate = rate
        self.random = Random(seed)  # noqa: S311 -- a schedule, no secret
        self.crowd = Crowd(portal.port, prefix="machines")

    def faults(self) -> dict[str, tuple[Callable[[], None], Callable[[], None]]]:
        """Return how each part breaks, and how it is mended."""
        portal = self.portal
        killed, cut = self.random.choice(WORKERS), self.random.choice(WORKERS)
        server = self.random.choice(WEB_SERVERS)
        return {
            QUIET: (_nothing, _nothing),
            f"{server} killed": (lambda: portal.kill(server), self._restart),
            f"{killed} killed": (lambda: portal.kill(killed), self._restart),
            "pooler killed": (portal.pooler.kill, portal.pooler.start),
            f"{cut} cut off": (lambda: self._cut(cut), lambda: self._mend(cut)),
            FAILOVER: (portal.lose_primary, portal.fail_over),
        }

    def _restart(self) -> None:
        self.portal.tend()
        ends = time.monotonic() + portals.START_SECONDS
        while not self.portal.is_up() and time.monotonic() < ends:
            time.sleep(0.1)

    def _cut(self, name: str) -> None:
        for relay in self.portal.networks[name]:
            relay.cut()

    def _mend(self, name: str) -> None:
        for relay in self.portal.networks[name]:
            relay.mend()

    def rush(self, fault: str, broken: Callable[[], None], mended: Callable[[], None]) -> Rush:
        """File as `filings` candidates at the rate; break a part after a third of them, and mend it later."""
        from tests.faults.records import broken_rows  # noqa: PLC0415 -- needs the portal's settings

        people = [self.crowd.next() for _ in range(self.filings)]
        rush = Rush(fault)
        begins = time.monotonic() + 0.2
        with ThreadPoolExecutor(CLIENTS) as pool:
            presses = [
                pool.submit(self._press, person, number, begins + number / self.rate)
                for number, person in enumerate(people)
            ]
            time.sleep(max(0.0, begins + self.filings / self.rate / 3 - time.monotonic()))
            rush.sessions = self.portal.sessions()
            rush.broken_at = time.time()
            broken()
            time.sleep(OUTAGE_SECONDS)
            mended()
            rush.mended_at = time.time()
            rush.presses = [press.result() for press in presses]
        self.portal.tend()
        rush.rows = broken_rows()
        return rush

    def _press(self, person: "Person", number: int, at: float) -> Press:
        time.sleep(max(0.0, at - time.monotonic()))
        ports, began, tries = list(self.portal.ports.values()), time.time(), 0
        while True:
            answer = replace(person, port=ports[(number + tries) % len(ports)]).file()
            tries += 1
            answered = answer.is_receipt or answer.is_arrival
            if answered or time.time() - began > INSIST_SECONDS:
                return Press(person, began, time.time() - began, tries, answered)
            time.sleep(0.2)


def run(folder: Path, *, filings: int, rate: float, seed: int, only: str = "") -> dict[str, Any]:
    """Break each part once, in an order drawn from the seed, the failover last; return figures and violations."""
    copy_migrated_database(folder)
    with portals.running(folder, SeveralMachines) as portal:
        from tests.faults.outcome_check import (  # noqa: PLC0415 -- needs the portal's settings
            compare_stories,
            wait_until_settled,
        )

        machines = Machines(portal, filings=filings, rate=rate, seed=f"{seed}")
        replication = portal.replication_state()
        wanted = [word for word in only.split(",") if word]
        faults = {
            name: how
            for name, how in machines.faults().items()
            if name == QUIET or not wanted or any(word in name for word in wanted)
        }
        order = sorted(faults, key=lambda name: (name != QUIET, name == FAILOVER, machines.random.random()))
        rushes, used = [], {}
        for name in order:
            before = portal.processor_seconds()
            rushes.append(machines.rush(name, *faults[name]))
            _say(f"{name}: {sum(press.answered for press in rushes[-1].presses)} of {filings} answered")
            if name == QUIET and wait_until_settled(portal, seconds=SETTLE_SECONDS):
                used = {
                    process: round((seconds - before[process]) / filings * 1000, 1)
                    for process, seconds in portal.processor_seconds().items()
                }
        _ask_for(ORIGINALS_ERASURE)
        settled = wait_until_settled(portal, seconds=SETTLE_SECONDS)
        verdict = compare_stories(portal, [story for rush in rushes for story in _stories(rush)])
        violations = verdict.violations + [
            f"broken after {rush.fault}: {line}" for rush in rushes for line in rush.rows
        ]
        violations += [] if settled else [f"not settled after {SETTLE_SECONDS} s"]
        violations += (
            [] if replication == "sync" else [f"the replica is {replication}: commits do not wait for it"]
        )
        return {
            "filings": verdict.filings,
            "violations": violations,
            "twice": len(verdict.duplicates),
            "attested": _attested(),
            "processor_milliseconds": used,
            "sessions": max(rush.sessions for rush in rushes),
            "figures": [row for rush in rushes for row in _figures(portal, rush)],
        }


def _nothing() -> None:
    """Break nothing."""


def _ask_for(kind: str) -> None:
    from django.db import transaction  # noqa: PLC0415 -- needs the portal's settings
    from django.utils import timezone  # noqa: PLC0415 -- needs the portal's settings

    from intake.outbox.services import post  # noqa: PLC0415 -- needs the portal's settings

    with transaction.atomic():
        post(kind=kind, key="several machines", subject=kind, at=timezone.now())


def _stories(rush: Rush) -> list[Any]:
    from tests.faults.outcome_check import FilingStory  # noqa: PLC0415 -- needs the portal's settings

    # A worker that sends mail may lose its connection between the mail server's answer and its own commit.
    point = Point(rush.fault, "several machines", may_send_twice=rush.fault.split()[0] not in WEB_SERVERS)
    until = max(press.began + press.seconds for press in rush.presses)
    return [
        FilingStory(press.person, press.answered, True, point, rush.presses[0].began, until)  # noqa: FBT003 -- all insist
        for press in rush.presses
    ]


def _attested() -> int:
    """Count the arrivals whose instant a session of a web server attests."""
    from django.db.models import F  # noqa: PLC0415 -- needs the portal's settings

    from intake.submissions.models import Arrival  # noqa: PLC0415 -- needs the portal's settings

    return Arrival.objects.filter(attested_at__lt=F("arrived_at")).count()


def _figures(portal: SeveralMachines, rush: Rush) -> list[dict[str, Any]]:
    """Return one row for each phase: presses, their rate, seconds to an answer, and to the receipt's mail."""
    first = {arrivals[0].to: arrivals[0].at for arrivals in reversed(portal.mailbox.everything().values())}
    began, ended = rush.presses[0].began, max(press.began for press in rush.presses)
    spans = {
        "before": rush.broken_at - began,
        "during": rush.mended_at - rush.broken_at,
        "after": ended - rush.mended_at,
    }
    rows = []
    for phase in PHASES:
        presses = [press for press in rush.presses if rush.phase_of(press) == phase]
        answers = [press.seconds for press in presses]
        receipts = [
            first[press.person.email] - press.began for press in presses if press.person.email in first
        ]
        span = spans[phase]
        answered = sum(press.answered for press in presses)
        rows.append(
            {
                "fault": rush.fault,
                "phase": phase,
                "presses": len(presses),
                "answered": answered,
                "again": sum(press.tries > 1 for press in presses),
                "rate": round(answered / span, 2) if span > 0 else 0.0,
                "answer": [round(percentile(answers, share), 3) for share in (0.5, 0.99)],
                "receipt": [round(percentile(receipts, share), 2) for share in (0.5, 0.99)],
            }
        )
    return rows


def table(found: dict[str, Any]) -> str:
    """Return the figures as a table of Markdown, and the violations."""
    lines = [
        "| fault | phase | presses | pressed again | answered a second | answer p50, p99 (s) | receipt p50, p99 (s) |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['fault']} | {row['phase']} | {row['presses']} | {row['again']} | {row['rate']:g} "
        f"| {row['answer'][0]:g}, {row['answer'][1]:g} | {row['receipt'][0]:g}, {row['receipt'][1]:g} |"
        for row in found["figures"]
    ]
    used = ", ".join(f"{name} {value:g}" for name, value in found["processor_milliseconds"].items())
    lines += ["", said(found), f"milliseconds of a core for each filing, with its mails and PDFs: {used}"]
    lines += found["violations"]
    return "\n".join(lines) + "\n"


def said(found: dict[str, Any]) -> str:
    """Return the result in one sentence."""
    return (
        f"{found['filings']} filings, {len(found['violations'])} violations; {found['twice']} mails came twice; "
        f"{found['attested']} arrivals attested by a session; at most {found['sessions']} sessions of the server"
    )


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def main() -> int:
    """Run the program; return 1 if something was lost or invented."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.several_machines")
    parser.add_argument("--filings", type=int, default=60, help="of each rush")
    parser.add_argument("--rate", type=float, default=4.0, help="filings a second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="faults whose names contain one of these, by commas")
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    found = run(asked.folder, filings=asked.filings, rate=asked.rate, seed=asked.seed, only=asked.only)
    (asked.folder / "machines.json").write_text(json.dumps(found, indent=2), encoding="utf-8")
    sys.stdout.write(table(found))
    return 1 if found["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
