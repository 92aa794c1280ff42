"""How long a worker may take, how often it tries again, and when the outbox gives up. Figures of this room alone."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from django.conf import settings

MAX_ATTEMPTS: Final = 5
OUTAGE_RETRY_WINDOW: Final = timedelta(hours=48)
"""How long after it was asked for a mail is still offered to a server that is away; five times at least."""
OUTAGE_BACKOFF_SECONDS: Final = (1, 30, 300, 1200)
"""Same, after the 1st, 2nd… attempt that found it away; a mute one was waited for already."""
OUTAGE_ALERT_ATTEMPT: Final = 4
"""The attempt of that sort, about five minutes after the first one, at which somebody is told."""
SWEEP_BATCH: Final = 500  # deliveries woken per queue and sweep; the rest waits for the next one
BACKOFF_SECONDS: Final = (
    2,
    30,
    300,
    1800,
)  # after the 1st, 2nd… failed attempt; halved or half as much again


# A worker at work renews its lease; one that was killed does not, and another takes over within LEASE_SECONDS and a
# look of the sweep. Four renewals may fail in a row, on a machine that is short of breath, before work is done twice.
LEASE_SECONDS: Final = 5
RENEW_SECONDS: Final = 1
LEASE: Final = timedelta(seconds=LEASE_SECONDS)

SWEEP_INTERVAL_SECONDS: Final = 1.0
"""How often the sweep that needs no broker looks (`manage.py sweep_outbox`)."""
NEGLECTED_AFTER: Final = {
    "mail": timedelta(seconds=1),
    "receipts": timedelta(seconds=3),
    "documents": timedelta(seconds=5),
    "exports": timedelta(seconds=10),
}
"""How long a due delivery is left to the workers, before the sweep has it done without the broker."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds a delivery may take: asked to stop, then killed and, `LEASE_SECONDS` later, free for another worker."""

    soft: int
    hard: int

    def __post_init__(self) -> None:
        if not 0 < self.soft < self.hard:
            msg = f"limits must grow: soft {self.soft} < hard {self.hard}"
            raise ValueError(msg)


DEFAULT_LIMITS: Final = {
    "mail": (10, 15),
    "receipts": (35, 40),
    "documents": (35, 40),
    "exports": (1800, 1830),
}
QUEUES: Final = tuple(DEFAULT_LIMITS)


def limits_of(queue: str) -> Limits:
    """Return the limits of `queue`: setting `OUTBOX_LIMITS`, `{queue: (soft, hard)}` in seconds, or ours.

    :raises ValueError: when they do not grow.
    """
    soft, hard = (DEFAULT_LIMITS | getattr(settings, "OUTBOX_LIMITS", {}))[queue]
    return Limits(soft, hard)


def backoff(attempts: int, *, jitter: Random, steps: tuple[int, ...] = BACKOFF_SECONDS) -> timedelta:
    """Return how long to wait after `attempts` failed ones (from 1), spread by half either way.

    `steps` are seconds; the last one holds from then on. The spread keeps a thousand mails refused together from coming
    back together.
    """
    seconds = steps[min(attempts, len(steps)) - 1]
    return timedelta(seconds=seconds * jitter.uniform(0.5, 1.5))
