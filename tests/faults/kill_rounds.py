"""Kill one portal repeatedly: `python -m tests.faults.kill_rounds --kills N --seed S --lane L --folder DIR`.

Each round arms one point, sends a document and files as a new candidate, waits for the kill, restarts only what died,
and ends when the receipt's mail has left. All rounds are checked at the end. Prints progress on standard error; writes
the result to `lane.json` in the folder.
"""

import argparse
import json
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from django.db import OperationalError, connection
from django.utils import timezone

from intake.submissions.delivery_kinds import DOSSIER, RECEIPT_MAIL, UPLOADS_SWEEP
from tests.faults import portal as portals
from tests.faults.failure_points import ONE_OF_EACH_KIND, POINTS, Point
from tests.faults.measuring import percentile
from tests.faults.portal import Portal

if TYPE_CHECKING:
    from tests.faults.outcome_check import FilingStory

FIRED_SECONDS = 60
PASSED_SECONDS = 2  # then a point after the last commit of a job has passed
MAIL_SECONDS = 60
SETTLE_SECONDS = 180
MAX_DOSSIERS = 2  # dossiers waiting when a round begins: the run measures kills, not a queue
INSISTS = 0.7  # share of candidates who click again after no answer
SHARE_WHILE_SENDING = 0.5  # share of the kills of either stage that hit the upload; the others hit the filing
TRIES = 3  # attempts for a point that a busy machine does not reach in time


@dataclass(frozen=True, slots=True)
class _Fault:
    """A point that is armed, with the files that say so; or what the harness itself does in a moment."""

    point: Point
    armed: Path
    fired: Path
    act: threading.Timer | None


@dataclass
class KillRounds:
    """Rounds of one portal."""

    portal: Portal
    seed: str
    points: tuple[Point, ...] = POINTS
    sends_always: bool = True
    """Does every candidate send a document? Else only those of whom the upload is hit."""
    kills: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        from tests.faults.people import Crowd  # noqa: PLC0415 -- needs the portal's settings

        self.random = Random(self.seed)  # noqa: S311 -- a schedule, no secret
        self.crowd = Crowd(self.portal.port)
        self.stories: list[FilingStory] = []
        self.broken: dict[str, str] = {}
        """Violations found in rows after a round, with what was killed in the first round that has each."""
        self.restrict_to: list[float] = []
        """Seconds that this check took, after each round."""

    def schedule(self) -> Iterator[Point]:
        """Yield every point in turn, in an order drawn from the seed; points not reached yet come first."""
        while True:
            order = [one for one in self.points if not self.kills[one.name] and self.missed[one.name] < TRIES]
            order = order or list(self.points)
            self.random.shuffle(order)
            yield from order

    def round(self, point: Point) -> None:
        """Kill once, and wait until the portal has recovered."""
        from tests.faults.outcome_check import FilingStory, post_job, receipt_of  # noqa: PLC0415 -- needs the portal's settings
        from tests.faults.records import broken_rows  # noqa: PLC0415 -- needs the portal's settings
        from tests.faults.sent_files import (  # noqa: PLC0415 -- needs the portal's settings
            digest_of,
            long_file,
            send_document,
            short_file,
            version_read_by,
        )
        from tests.faults.upload_check import plant_neglected_uploads  # noqa: PLC0415 -- needs the portal's settings

        if point.hits_dossiers:
            # One kill per dossier: one that waits from an earlier round would be hit again.
            self._await(lambda: not self._dossiers_waiting(), MAIL_SECONDS)
        while_sending = point.stage == "upload" or (
            point.stage == "either" and self.random.random() < SHARE_WHILE_SENDING
        )
        person, began = self.crowd.next(sends=while_sending or self.sends_always), time.time()
        content = long_file() if point.needs_long_inspection else short_file()
        fault = self._arm(point) if while_sending else None
        sent = send_document(person, content, meanwhile=self.portal.tend) if person.document else []
        happened = fault is not None and self._is_over(fault)
        if person.document:
            person = replace(person, seen=version_read_by(person, meanwhile=self.portal.tend))
        fault = None if while_sending else self._arm(point)
        answer = person.file()
        insists = self.random.random() < INSISTS
        insisted = not (answer.is_receipt or answer.is_arrival) and insists
        if insisted:
            # Restart what was killed as a process: without it no click gets an answer.
            answer = person.insist(meanwhile=self.portal.tend)
        if point.asks_for:
            # While the worker generates the dossier, a fallback worker of the sweep would perform the job, without a
            # point.
            self._await(lambda: not self._dossiers_waiting(), MAIL_SECONDS)
            if point.asks_for == UPLOADS_SWEEP:
                plant_neglected_uploads(self.crowd.offer)
            post_job(point.asks_for, key=f"faults/{len(self.stories)}")
        if fault is not None:
            happened = self._is_over(fault)
        self.portal.tend()
        (self.kills if happened else self.missed)[point.name] += 1
        if answer.is_arrival:
            self._await(lambda: receipt_of(person) is not None, MAIL_SECONDS)
        receipt = receipt_of(person)
        if receipt is not None:
            self._await(lambda: self._has_mail(receipt.number), MAIL_SECONDS)
        self.stories.append(
            FilingStory(
                person,
                answer.is_receipt or answer.is_arrival,
                insisted,
                point,
                began,
                time.time(),
                digest_of(content) if person.document else "",
                sent,
            )
        )
        self._await(lambda: self._dossiers_waiting() <= MAX_DOSSIERS, MAIL_SECONDS)
        began = time.monotonic()
        for line in broken_rows():
            self.broken.setdefault(line, point.name)
        self.restrict_to.append(time.monotonic() - began)

    def _arm(self, point: Point) -> "_Fault":
        """Arm a point; or start what the harness itself breaks, in a moment."""
        number = POINTS.index(point)
        armed, fired = (self.portal.folder / f"{state}.{number}" for state in ("armed", "fired"))
        fired.unlink(missing_ok=True)
        act = None
        if point.where:
            armed.touch()
            if point.role == "sweep":
                self.portal.signal("mailer", signal.SIGSTOP)  # leaves deliveries for the sweep
        else:
            act = threading.Timer(self.random.random() * 0.3, self._act, [point.act])
            act.start()
        return _Fault(point, armed, fired, act)

    def _is_over(self, fault: "_Fault") -> bool:
        """Wait until a fault has happened; disarm it and return False if its point is not reached."""
        happened = fault.act is not None or self._is_reached(fault.fired)
        if fault.point.role == "sweep":
            self.portal.signal("mailer", signal.SIGCONT)
        if fault.act is not None:
            fault.act.join()
        fault.armed.unlink(missing_ok=True)
        return happened

    def _is_reached(self, fired: Path) -> bool:
        """Wait until a point is reached; stop when another process, without a point, did the work."""
        self._await(lambda: fired.exists() or not self._due(), FIRED_SECONDS)
        return self._await(fired.exists, PASSED_SECONDS)

    def _act(self, act: str) -> None:
        verb, _space, what = act.partition(" ")
        if verb == "kill" and what == "broker":
            self.portal.kill_broker()
            time.sleep(self.random.random() * 3)
            self.portal.start_broker()
        elif verb == "kill":
            killed = self.portal.process(what)  # another may start under this name before this one is awaited
            self.portal.kill(what)
            killed.wait(30)
        elif verb == "wipe":
            self.portal.wipe_broker()
        elif verb == "end":
            self.portal.end_sessions()
        elif verb == "stop":
            self.portal.stop_postgres_at_once()
        else:
            self.portal.mailbox.moods.append(what)

    def _await(self, what: Callable[[], bool], seconds: float) -> bool:
        ends = time.monotonic() + seconds
        while not what():
            if time.monotonic() > ends:
                return False
            self.portal.tend()
            time.sleep(0.02)
        return True

    def _has_mail(self, number: str) -> bool:
        return _counted(kind=RECEIPT_MAIL, key=number, state="DONE") > 0

    def _due(self) -> int:
        return _counted(state__in=["PENDING", "LEASED"], due_at__lte=timezone.now())

    def _dossiers_waiting(self) -> int:
        return _counted(kind=DOSSIER, state__in=["PENDING", "LEASED"])


def _counted(**which: object) -> int:
    from intake.outbox.models import Delivery  # noqa: PLC0415 -- needs the portal's settings

    try:
        return Delivery.objects.filter(**which).count()
    except OperationalError:
        connection.close()
        return 0


def run(
    folder: Path, *, kills: int, seed: int, lane: int, only: str = "", each_kind: bool = False
) -> dict[str, object]:
    """Kill a new portal in `folder` `kills` times; return the results.

    Only at points whose name contains `only`; with `each_kind`, only at those of `ONE_OF_EACH_KIND`.
    """
    began = time.monotonic()
    with portals.running(folder) as portal:
        points = tuple(
            point
            for point in POINTS
            if only in point.name and (not each_kind or point.name in ONE_OF_EACH_KIND)
        )
        rounds = KillRounds(portal, f"{seed}/{lane}", points, sends_always=not each_kind)
        from tests.faults.outcome_check import compare_stories, settle_and_erase  # noqa: PLC0415 -- needs the portal's settings

        for number, point in enumerate(rounds.schedule(), start=1):
            rounds.round(point)
            done = rounds.kills.total()
            if number % 20 == 0 or done == kills:
                _say(f"seed {seed}, lane {lane}: {done}/{kills} kills, {time.monotonic() - began:.0f} s")
            if done >= kills or number > kills * 1.3 + 10:
                break
        settled = settle_and_erase(portal, seconds=SETTLE_SECONDS)
        verdict = compare_stories(portal, rounds.stories)
        verdict.violations += [
            f"broken meanwhile: {line} after {name}" for line, name in rounds.broken.items()
        ]
        if not settled:
            verdict.violations.append(f"not settled after {SETTLE_SECONDS} s")
    late = percentile([seconds for _point, seconds in verdict.receipt_seconds], 0.99)
    _say(
        f"seed {seed}, lane {lane}: {len(verdict.violations)} violations, receipts p99 {late:.1f} s, "
        f"rows asked in {percentile(rounds.restrict_to, 0.5):.2f} s a round, "
        f"{time.monotonic() - began:.0f} s in all"
    )
    return asdict(verdict) | {
        "kills": dict(rounds.kills),
        "missed": dict(rounds.missed),
        "seconds": time.monotonic() - began,
    }


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def main() -> None:
    """Run one lane."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill_rounds")
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--lane", type=int, default=0)
    parser.add_argument(
        "--only", default="", help="points whose name holds this, to look at a failure closely"
    )
    parser.add_argument("--each-kind", action="store_true", help="one point of each kind, not all")
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    result = run(
        asked.folder,
        kills=asked.kills,
        seed=asked.seed,
        lane=asked.lane,
        only=asked.only,
        each_kind=asked.each_kind,
    )
    (asked.folder / "lane.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
