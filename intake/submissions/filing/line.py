"""The arrivals that wait, as one process knows them: whether there is a rush, who is before whom, and for how long."""

import time
from bisect import bisect_left, bisect_right
from datetime import datetime
from typing import Final

from django.db import connection

FEW: Final = 8
"""Arrivals that wait at once without a rush. In a rush, the web servers receive, and the workers file."""
FIRST_GUESS: Final = 40.0
"""Arrivals filed a second, until a process has seen the line move."""
SLOWEST: Final = 5.0
"""Lowest assumed rate, in arrivals filed a second: sometimes nothing is filed for a second."""
_LEARNS: Final = 0.3
"""Weight of the latest reading."""
_EVERY_SECONDS: Final = 1.0
_INSTANTS: Final = "SELECT arrived_at FROM submissions_arrival WHERE state = 'WAITING' ORDER BY arrived_at"


class Line:
    """Instants of the arrivals that wait, read each second while there are many, and not at all otherwise.

    To count them for each request would take longer than to receive it.
    """

    def __init__(self) -> None:
        self._instants: list[datetime] = []
        self._is_rush = False
        self._read_at = 0.0
        self._rate = FIRST_GUESS
        self.left = ""
        """Key of the last delivery by which this process left arrivals to the workers."""

    def begin_rush(self) -> None:
        """Read the line at the next question: an arrival found `FEW` others before it."""
        if not self._is_rush:
            # Without what an earlier rush left: nothing of the pace is learnt from the time between the two.
            self._is_rush, self._read_at, self._instants = True, 0.0, []

    def is_long(self) -> bool:
        """Return whether `FEW` or more wait, or did at most a second ago: new arrivals are left to the workers."""
        now = time.monotonic()
        if self._is_rush and now - self._read_at >= _EVERY_SECONDS:
            # Before the statement: other threads need not read it too.
            since, self._read_at = now - self._read_at, now
            self._replace(_read_instants(), since=since)
        return self._is_rush

    def _replace(self, instants: list[datetime], *, since: float) -> None:
        """Take the line as it is `since` seconds after the last reading, and learn how fast it moves."""
        if self._instants and instants:
            filed = len(self._instants) - bisect_right(instants, self._instants[-1])
            self._rate += _LEARNS * (filed / since - self._rate)
        self._instants = instants
        self._is_rush = len(instants) >= FEW

    def before(self, instant: datetime) -> int:
        """Return how many of them arrived before `instant` (aware)."""
        return bisect_left(self._instants, instant)

    def seconds_behind(self, before: int) -> float:
        """Return how long an arrival waits that has `before` others before it, as fast as the line has moved."""
        return before / max(self._rate, SLOWEST)


def _read_instants() -> list[datetime]:
    with connection.cursor() as cursor:
        cursor.execute(_INSTANTS)
        return [instant for (instant,) in cursor.fetchall()]


line: Final = Line()
"""Of this process."""
