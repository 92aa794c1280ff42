"""A whole portal with candidates ready to file, and processes that send their requests."""

import json
import math
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from intake.devtools import embedded
from tests.benchmarks.sending import Plan, Request, Sent
from tests.faults.measuring import percentile

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from intake.devtools.deadline_drill.candidates import ReadyCandidate
    from intake.outbox.models import Delivery
    from offers.models import Offer
    from tests.faults.portal import Portal

_FILED_AT = """
SELECT extract(epoch FROM pg_xact_commit_timestamp(f.xmin)) AS at
FROM submissions_filing f JOIN submissions_submission s ON s.id = f.submission_id
WHERE s.offer_id = %(offer)s::bigint OR %(offer)s::bigint IS NULL ORDER BY at
"""
_SWEEP = [str(embedded.BASE_DIR / "manage.py"), "sweep_outbox", "--queues", "filings"]
START_SECONDS = 2.0
"""Between the start of the sending processes and the first request."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What became of the sent requests, the monotonic second of the start, and the senders' own processor time."""

    sent: list[Sent]
    start: float
    processor: float
    seconds: float

    @property
    def rate(self) -> float:
        """Presses that were done per second, from the first to the last answer; a press that had none raises."""
        begins = min(one.at for one in self.sent)
        return len(self.sent) / (max(one.at + one.done for one in self.sent) - begins)


@contextmanager
def filing_portal(*, without_workers: bool = False) -> Iterator["Portal"]:
    """Run a whole portal for the duration of a block, and set up Django with its database.

    `without_workers` stops the processes that follow a filing, which then take no processor time from it. A worker of
    the queue `filings` does not follow it, but is a part of it; so is the sweep, which finds what arrives just after
    such a worker has looked.
    """
    from tests.faults import portal as portals  # noqa: PLC0415 -- reads the settings' name

    with (
        tempfile.TemporaryDirectory(prefix="intake-bench-") as folder,
        portals.running(Path(folder), **({"sweep": _SWEEP} if without_workers else {})) as portal,
    ):
        if without_workers:
            for name in (name for name in portal.others() if "filings" not in portal.commands[name]):
                portal.rest(name)
                portal.signal(name, signal.SIGSTOP)
        yield portal


def wall_clock(monotonic: float) -> float:
    """Return the second of the epoch at which the monotonic clock reads `monotonic`."""
    return time.time() - time.monotonic() + monotonic


def filed_at(offer: "Offer | None" = None) -> list[float]:
    """Return the seconds of the epoch at which the filings of an offer, or all, were committed, sorted.

    Not those at which they were received, which may be the instants of the presses.
    """
    from django.db import connection  # noqa: PLC0415 -- needs the portal's settings

    with connection.cursor() as cursor:
        cursor.execute(_FILED_AT, {"offer": None if offer is None else offer.pk})
        return [float(second) for (second,) in cursor.fetchall()]


def receipt_mails(offer: "Offer") -> "QuerySet[Delivery]":
    """Return the deliveries of the mails that give their receipts to those who filed for an offer."""
    from intake.outbox.models import Delivery  # noqa: PLC0415 -- needs the portal's settings
    from intake.submissions.delivery_kinds import RECEIPT_MAIL  # noqa: PLC0415 -- with the others
    from intake.submissions.models import Receipt  # noqa: PLC0415 -- with the others

    numbers = Receipt.objects.filter(filing__submission__offer=offer).values("number")
    return Delivery.objects.filter(kind=RECEIPT_MAIL, key__in=numbers)


def mailed_at(offer: "Offer") -> list[float]:
    """Return the seconds of the epoch at which the mails of an offer's receipts were sent, sorted."""
    sent = receipt_mails(offer).exclude(done_at=None).order_by("done_at")
    return [instant.timestamp() for instant in sent.values_list("done_at", flat=True) if instant]


def outcomes(sent: Sequence[Sent]) -> dict[str, int]:
    """Return how many requests had each outcome, the most frequent first."""
    return dict(Counter(one.outcome for one in sent).most_common())


def seconds_at(share: float, times: Sequence[float | None]) -> float:
    """Return the seconds that `share` of the answers do not exceed; one that never came is infinite."""
    return percentile([math.inf if one is None else one for one in times], share)


def make_crowd(
    *, number: str, count: int, seed: int, closes_in: timedelta = timedelta(hours=2)
) -> tuple["Offer", list["ReadyCandidate"]]:
    """Publish an offer with `count` invented candidates whose drafts are complete."""
    from django.db import transaction  # noqa: PLC0415 -- needs the portal's settings

    from intake.devtools.deadline_drill import candidates  # noqa: PLC0415 -- needs the portal's settings
    from intake.outbox.selectors import database_instant  # noqa: PLC0415 -- needs the portal's settings

    at = database_instant()
    offer = candidates.write_offer(number=number, at=at + closes_in)
    with transaction.atomic():  # thousands of sessions: one commit for all
        people = candidates.make_candidates(offer, count=count, seed=seed, at=at)
    at = database_instant()
    return candidates.publish_closing(offer, closes_at=at + closes_in, at=at), people


def filing_of(person: "ReadyCandidate", *, at: float = 0.0) -> Request:
    """Return the press of a candidate on the button that files."""
    return Request("file", person.path, at=at, cookies=person.cookies, body=person.form)


def send(
    port: int,
    requests: Sequence[Request],
    *,
    processes: int = 1,
    clients: int = 0,
    patience: float = 60.0,
    see: bool = True,
    lasting: float = 0.0,
    start: float | None = None,
) -> Traffic:
    """Send requests to a portal from `processes` processes side by side; wait until each is answered or given up.

    The first leaves at the monotonic second `start`, or as soon as the processes run; see `Plan` for the others.
    """
    with tempfile.TemporaryDirectory(prefix="intake-sending-") as name:
        folder = Path(name)
        start = time.monotonic() + START_SECONDS if start is None else start
        ordered = sorted(requests, key=lambda request: request.at)
        senders = []
        for rank in range(processes):
            plan = Plan(
                *("127.0.0.1", port, start, ordered[rank::processes]),
                clients=clients,
                patience=patience,
                see=see,
                lasting=lasting,
            )
            paths = folder / f"{rank}.plan.json", folder / f"{rank}.sent.json"
            paths[0].write_text(json.dumps(asdict(plan)), encoding="utf-8")
            command = [sys.executable, "-m", "tests.benchmarks.sending", *map(str, paths)]
            senders.append(subprocess.Popen(command, cwd=embedded.BASE_DIR))
        for sender in senders:
            if sender.wait():
                message = f"a sending process ended with {sender.returncode}"
                raise RuntimeError(message)
        seconds = time.monotonic() - start
        found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.sent.json")]
    return Traffic(
        [Sent(**one) for some in found for one in some["sent"]],
        start,
        sum(some["processor"] for some in found),
        seconds,
    )
