"""Celery beat's scheduler."""

from typing import Any, override

from celery.beat import Scheduler

from intake.outbox.heartbeats import BEAT, Heart
from intake.outbox.policy import BEAT_SECONDS


class BeatingScheduler(Scheduler):
    """Celery's scheduler in memory, except that it writes its sign of life in the database.

    In memory, because the schedule is one sweep, and a schedule file could be locked, full or lost.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._heart = Heart(BEAT)

    @override
    def tick(self, *args: Any, **options: Any) -> float:
        """Send what is due; return the seconds until the next call."""
        wait: float = super().tick(*args, **options)
        self._heart.beat()
        return min(wait, BEAT_SECONDS)
