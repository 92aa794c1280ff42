"""Break a portal of several machines during rushes: `python -m tests.faults.several_machines --folder DIR …`.

Options: `--filings 36` (of each rush), `--rate 4` (a second), `--seed 1`, `--only pooler,failover`. Candidates file
through two web servers in turn, and through the other one when the first does not answer, as behind a load balancer.
After a third of them one part breaks; the last third presses once it is mended. In the first rush nothing breaks, and
the processor time of each process is noted. Prints a table; writes `machines.json`.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from tests.faults import portal as portals
from tests.faults.failure_points import Point
from tests.faults.machines import WEB_SERVERS, WORKERS, SeveralMachines
from tests.faults.mailbox import Mailbox
from tests.faults.measuring import percentile
from tests.migrated_database import copy_migrated_database

if TYPE_CHECKING:
    from tests.faults.outcome_check import StoryOutcome
    from tests.faults.people import Person

CLIENTS = 32
INSIST_SECONDS = 180
OUTAGE_SECONDS = 5
RECEIPT_SECONDS = 5  # after an answer: its receipt should have come
SETTLE_SECONDS = 600
PAUSE_SECONDS = 3
PHASES = ("before", "during", "after")
QUIET, FAILOVER = "nothing", "failover"


@dataclass(frozen=True, slots=True)
class Press:
    """One candidate's press: when (`time.time`), until an answer, how many tries, and whether there was one."""

    person: "Person"
    phase: str
    began: float
    seconds: float
    tries: int
    answered: bool
    paused: bool = False
    """Did the machine stand still before the receipt could come? Such presses are left out of the figures."""


class Pauses:
    """Notes when this whole machine stood still, as virtual machines do: no figure of such a moment is the portal's."""

    def __init__(self) -> None:
        self.spans: list[tuple[float, float]] = []
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        last = time.time()
        while True:
            time.sleep(0.2)
            now = time.time()
            if now - last > PAUSE_SECONDS:
                self.spans.append((last, now))
            last = now

    def hit(self, began: float, ended: float) -> bool:
        """True if the machine stood still between two instants."""
        return any(first < ended and began < last for first, last in self.spans)


@dataclass
class Rush:
    """The presses of one rush, while one part breaks and is mended."""

    fault: str
    presses: list[Press] = field(default_factory=list)
    sessions: int = 0
    rows: list[str] = field(default_factory=list)
    """Invariants that rows violated just after the rush."""
    paused: bool = False
    """Did the machine stand still meanwhile? Then leases ended under their workers, and mails may come twice."""


class Machines:
    """Rushes and faults of one portal."""

    def __init__(self, portal: SeveralMachines, *, filings: int, rate: float, seed: str) -> None:
        from tests.faults.people import Crowd  # noqa: PLC0415 -- needs the portal's settings

        self.portal = portal
        self.filings = filings
        self.rate = rate
        self.random = Random(seed)  # noqa: S311 -- a schedule, no secret
        self.crowd = Crowd(portal.port, prefix="machines")
        self.pauses = Pauses()

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
        """File as `filings` candidates at the rate: a third before the fault, a third from then on, a third after."""
        from tests.faults.records import broken_rows  # noqa: PLC0415 -- needs the portal's settings

        people = iter([self.crowd.next() for _ in range(self.filings)])
        share, rush, pressed = self.filings // len(PHASES), Rush(fault), []
        with ThreadPoolExecutor(CLIENTS) as pool:
            for phase in PHASES:
                begins = time.monotonic()
                pressed += [
                    pool.submit(self._press, person, phase, number, begins + number / self.rate)
                    for number, person in enumerate(islice(people, share))
                ]
                if phase == "during":
                    broken()
                    time.sleep(OUTAGE_SECONDS)
                    mended()
                time.sleep(max(0.0, begins + share / self.rate - time.monotonic()))
                if phase == "before":
                    rush.sessions = self.portal.sessions()
            presses = [press.result() for press in pressed]
        time.sleep(RECEIPT_SECONDS)
        rush.presses = [
            replace(press, paused=self.pauses.hit(press.began, press.began + press.seconds + RECEIPT_SECONDS))
            for press in presses
        ]
        rush.paused = any(press.paused for press in rush.presses)
        self.portal.tend()
        rush.rows = broken_rows()
        return rush

    def _press(self, person: "Person", phase: str, number: int, at: float) -> Press:
        time.sleep(max(0.0, at - time.monotonic()))
        ports, began, tries = list(self.portal.ports.values()), time.time(), 0
        while True:
            answer = replace(person, port=ports[(number + tries) % len(ports)]).file()
            tries += 1
            answered = answer.is_receipt or answer.is_arrival
            if answered or time.time() - began > INSIST_SECONDS:
                return Press(person, phase, began, time.time() - began, tries, answered)
            time.sleep(0.2)


def run(folder: Path, *, filings: int, rate: float, seed: int, only: str = "") -> dict[str, Any]:
    """Break each part once, in an order drawn from the seed, the failover last; return figures and violations."""
    copy_migrated_database(folder)
    with Mailbox() as mailbox, portals.started(SeveralMachines(folder, mailbox)) as portal:
        from tests.faults.outcome_check import settle_and_erase, wait_until_settled  # noqa: PLC0415 -- needs the portal's settings

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
        settled = settle_and_erase(portal, seconds=SETTLE_SECONDS)
        outcome = judge(portal, rushes)
        violations = outcome.violations + ([] if settled else [f"not settled after {SETTLE_SECONDS} s"])
        violations += (
            [] if replication == "sync" else [f"the replica is {replication}: commits do not wait for it"]
        )
        return {
            "filings": outcome.filings,
            "violations": violations,
            "twice": len(outcome.duplicates),
            "attested": _attested(),
            "processor_milliseconds": used,
            "pauses": [round(last - first, 1) for first, last in machines.pauses.spans],
            "sessions": max(rush.sessions for rush in rushes),
            "figures": [row for rush in rushes for row in _figures(portal, rush)],
        }


def judge(portal: portals.Portal, rushes: list[Rush]) -> "StoryOutcome":
    """Compare all answers of the rushes with the rows and mails, once all is done; add what was broken meanwhile."""
    from tests.faults.outcome_check import compare_stories  # noqa: PLC0415 -- needs the portal's settings

    outcome = compare_stories(portal, [story for rush in rushes for story in _stories(rush)])
    outcome.violations += [f"broken after {rush.fault}: {line}" for rush in rushes for line in rush.rows]
    return outcome


def _nothing() -> None:
    """Break nothing."""


def _stories(rush: Rush) -> list[Any]:
    from tests.faults.outcome_check import FilingStory  # noqa: PLC0415 -- needs the portal's settings

    # A worker that sends mail may lose its connection between the mail server's answer and its own commit.
    sends_once = rush.fault.split()[0] in {QUIET, *WEB_SERVERS} and not rush.paused
    point = Point(rush.fault, "several machines", may_send_twice=not sends_once)
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
    rows = []
    for phase in PHASES:
        presses = [press for press in rush.presses if press.phase == phase]
        counted = [press for press in presses if not press.paused]
        answers = [press.seconds for press in counted]
        receipts = [
            first[press.person.email] - press.began for press in counted if press.person.email in first
        ]
        ended = max(press.began + press.seconds for press in presses)
        answered = sum(press.answered for press in presses)
        rows.append(
            {
                "fault": rush.fault,
                "phase": phase,
                "presses": len(presses),
                "answered": answered,
                "counted": len(counted),
                "again": sum(press.tries > 1 for press in presses),
                "rate": round(answered / (ended - presses[0].began), 2),
                "answer": [round(percentile(answers, share), 3) for share in (0.5, 0.99)],
                "receipt": [round(percentile(receipts, share), 2) for share in (0.5, 0.99)],
            }
        )
    return rows


def table(found: dict[str, Any]) -> str:
    """Return the figures as a table of Markdown, and the violations."""
    lines = [
        "| fault | phase | presses (counted) | again | answers a second | answer p50, p99 (s) | receipt p50, p99 (s) |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['fault']} | {row['phase']} | {row['presses']} ({row['counted']}) | {row['again']} | {row['rate']:g} "
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
        f"{found['attested']} arrivals attested by a session; at most {found['sessions']} sessions of the server; "
        f"this machine stood still {len(found['pauses'])} times"
    )


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def main() -> int:
    """Run the program; return 1 if something was lost or invented."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.several_machines")
    parser.add_argument("--filings", type=int, default=36, help="of each rush")
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
