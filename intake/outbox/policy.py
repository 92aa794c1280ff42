"""Time limits, retries and leases of the outbox."""

import os
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Final, Literal

from django.conf import settings

MAX_ATTEMPTS: Final = 5
OUTAGE_RETRY_WINDOW: Final = timedelta(hours=48)
"""How long after it was posted a delivery is retried during an outage of a server; at least `MAX_ATTEMPTS` attempts."""
OUTAGE_BACKOFF_SECONDS: Final = (1, 30, 300, 1200)
"""Seconds until the next attempt, after the 1st, 2nd… outage; short at first, as a timeout has already passed."""
OUTAGE_ALERT_ATTEMPT: Final = 3
"""Number of outages, about half a minute after the first, from which staff see that a delivery waits for a server."""
OVERDUE: Final = timedelta(minutes=10)
"""Delay from which a waiting delivery is overdue; workers sweep every few seconds."""
SWEEP_BATCH: Final = 500  # wakes per queue and sweep; the remaining rows wait for the next sweep
BACKOFF_SECONDS: Final = (2, 30, 300, 1800)
"""Seconds until the next attempt, after the 1st, 2nd… failed attempt."""

# A working worker renews its lease; the lease of a killed one expires, and another takes over within LEASE_SECONDS and
# one sweep. Four renewals in a row may fail on an overloaded machine before a second worker starts the same work.
LEASE_SECONDS: Final = 5
RENEW_SECONDS: Final = 1
LEASE: Final = timedelta(seconds=LEASE_SECONDS)

SWEEP_INTERVAL_SECONDS: Final = 1.0  # of the sweep that needs no broker (`manage.py sweep_outbox`)
BEAT_SECONDS: Final = 20
"""Seconds between two signs of life of a sweep or of beat."""
SILENT_SECONDS: Final = 60
"""Seconds without a sign after which a process has stopped: two were missed, and a third is late."""
LOOK_SECONDS: Final = 30
"""Seconds between two questions of the sweep to a server that works."""
AWAY_LOOK_SECONDS: Final = 2
"""Seconds between two rounds of questions: a server that is away is asked in each, until its mails may go."""
NEGLECTED_AFTER: Final = {
    "filings": timedelta(seconds=2),
    "mail": timedelta(seconds=2),
    "receipts": timedelta(seconds=3),
    "documents": timedelta(seconds=5),
    "exports": timedelta(seconds=10),
    "uploads": timedelta(seconds=2),
}
"""How long the sweep leaves a due delivery to Celery workers before it starts a fallback worker.

For filings and mails, two looks of the sweep: in between, a worker that is at work ends a job. In a rush, no process
may be started beside it, as the start alone takes a second of a processor."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds a delivery may take: at `soft` an exception, at `hard` a kill. The lease ends `LEASE_SECONDS` later."""

    soft: int
    hard: int

    def __post_init__(self) -> None:
        if not 0 < self.soft < self.hard:
            msg = f"limits must grow: soft {self.soft} < hard {self.hard}"
            raise ValueError(msg)


DEFAULT_LIMITS: Final = {
    "filings": (35, 40),
    "mail": (10, 15),
    "receipts": (35, 40),
    "documents": (35, 40),
    "exports": (1800, 1830),
    "uploads": (65, 70),
}
QUEUES: Final = tuple(DEFAULT_LIMITS)
_PAUSES: Final = (0.11, 0.13, 0.17, 0.19, 0.23, 0.29, 0.31, 0.37)
"""Seconds between attempts to change a session: when many workers start at once, each has its turn."""
_SIGNING_QUEUES: Final = {"receipts", "documents"}  # receipts, and roots of the public log
NICE: Final = {"filings": 2, "uploads": 5, "mail": 8, "receipts": 14, "documents": 16, "exports": 18}
"""Niceness of the workers of a queue: which work waits when there is more than the processors can do.

In the last minutes, what arrives comes first, then the filing of it, then mails, signed receipts, dossiers and exports.
Filings are close to the web: with its priority they delay the answers of thousands by seconds, and much below it they
stop. Mails are not: in a rush each person sees the receipt itself, and a mail takes longer than its filing. A mail has
the weight of four signed receipts: closer to it, receipts and dossiers delay the mails of those who file.
An upload may take all the CPU seconds that it is allowed: a page comes first. At 5, a third of the weight of a web
process: less, and in the last minutes before a closing an honest file would wait too."""


def lower_priority(queue: str, *, process: int = 0) -> None:
    """Give a process, by default this one, the niceness of the workers of `queue`; never raise its priority.

    So that it counts beside the processes of other sessions too: Linux by default shares the processors between
    sessions first (sched(7), "The autogroup feature"), and each process of a supervisor is a session. Between control
    groups neither counts, but their weights (`docker-compose.yml`).
    """
    niceness = max(NICE.get(queue, 0), os.getpriority(os.PRIO_PROCESS, process))
    os.setpriority(os.PRIO_PROCESS, process, niceness)
    process = process or os.getpid()
    if os.getsid(process) == process:
        _lower_session(process, niceness)


def _lower_session(process: int, niceness: int) -> None:
    """Give the session of its first process a niceness among sessions, if this system has one."""
    for pause in _PAUSES:
        try:
            Path(f"/proc/{process}/autogroup").write_text(str(niceness), encoding="ascii")
        except BlockingIOError:  # one change in 0.1 s on the whole machine
            time.sleep(pause)
        except OSError:
            return
        else:
            return


def keys_needed(queues: Collection[str]) -> tuple[Literal["FILING", "SIGNING"], ...]:
    """Return what `check_settings_complete` checks for a process that performs the deliveries of `queues`."""
    signing: tuple[Literal["SIGNING"], ...] = () if _SIGNING_QUEUES.isdisjoint(queues) else ("SIGNING",)
    return ("FILING", *signing) if "filings" in queues else signing


def places_in(queue: str) -> int | None:
    """Return how many deliveries of `queue` are performed at once, at most one per subject; None for no limit.

    In a queue with places, subjects take turns: see `selectors.workable_ids`.
    """
    return settings.UPLOADS_INSPECTED_AT_ONCE if queue == "uploads" else None


def limits_of(queue: str) -> Limits:
    """Return the limits of `queue`: of setting `OUTBOX_LIMITS`, `{queue: (soft, hard)}` in seconds, or the default."""
    soft, hard = (DEFAULT_LIMITS | getattr(settings, "OUTBOX_LIMITS", {}))[queue]
    return Limits(soft, hard)


def backoff(attempts: int, *, jitter: Random, steps: tuple[int, ...] = BACKOFF_SECONDS) -> timedelta:
    """Return the wait after `attempts` failed attempts (from 1); the last of `steps` (seconds) serves all later ones.

    A random factor of 0.5 to 1.5 prevents a thousand mails that failed together from being retried together.
    """
    seconds = steps[min(attempts, len(steps)) - 1]
    return timedelta(seconds=seconds * jitter.uniform(0.5, 1.5))
