"""How long a worker may take, how often it tries again, and when the outbox gives up. Figures of this room alone."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from django.conf import settings

MAX_ATTEMPTS: Final = 5
SWEEP_BATCH: Final = 500  # deliveries woken per queue and sweep; the rest waits for the next one
BACKOFF_SECONDS: Final = (
    5,
    30,
    300,
    1800,
)  # after the 1st, 2nd… failed attempt; halved or half as much again


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds a delivery may take: asked to stop, then killed, then free for another worker, in that order."""

    soft: int
    hard: int
    lease: int

    def __post_init__(self) -> None:
        if not 0 < self.soft < self.hard < self.lease:
            # A lease that ends before its worker is killed lets two workers do the same delivery at once.
            msg = f"limits must grow: soft {self.soft} < hard {self.hard} < lease {self.lease}"
            raise ValueError(msg)

    @property
    def lasting(self) -> timedelta:
        """How long a lease holds, from the instant it is taken."""
        return timedelta(seconds=self.lease)


# With a sweep every 10 s, a mail whose worker died leaves within 30 s and a dossier within 60 s.
DEFAULT_LIMITS: Final = {"mail": (10, 15, 18), "documents": (35, 40, 45)}
QUEUES: Final = tuple(DEFAULT_LIMITS)


def limits_of(queue: str) -> Limits:
    """Return the limits of `queue`: setting `OUTBOX_LIMITS`, `{queue: (soft, hard, lease)}` in seconds.

    :raises ValueError: when they do not grow from soft to lease.
    """
    soft, hard, lease = getattr(settings, "OUTBOX_LIMITS", DEFAULT_LIMITS)[queue]
    return Limits(soft, hard, lease)


def backoff(attempts: int, *, jitter: Random) -> timedelta:
    """Return how long to wait after `attempts` failed ones (from 1), spread by half either way.

    The spread keeps a thousand mails refused together from coming back together.
    """
    seconds = BACKOFF_SECONDS[min(attempts, len(BACKOFF_SECONDS)) - 1]
    return timedelta(seconds=seconds * jitter.uniform(0.5, 1.5))
