"""Signs of life of the processes that nobody calls: each sweep, and beat. A stopped process writes none."""

import logging
import socket
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Final

from django.db import Error, connection
from django.db.models import Max
from django.db.models.functions import Now

from intake.outbox.keys_in_use import sign_keys
from intake.outbox.models import Heartbeat
from intake.outbox.policy import BEAT_SECONDS, SILENT_SECONDS
from intake.outbox.selectors import database_instant

logger = logging.getLogger(__name__)

BEAT: Final = "beat"
SWEEPS: Final = {
    "sweeper": frozenset({"mail", "receipts", "documents", "exports"}),
    "filing-sweeper": frozenset({"filings"}),
    "inspection-sweeper": frozenset({"uploads"}),
}
"""The sweeps of `docker-compose.yml`, each with its queues."""
PROCESSES: Final = (BEAT, *SWEEPS)
"""The processes of which each installation runs at least one."""
_FORGOTTEN_AFTER: Final = timedelta(days=1)
"""Each start of a container has another name of machine."""


def sweeps_of(queues: Collection[str]) -> list[str]:
    """Return the names of the sweeps whose queues are all among `queues`: one process may do the work of several."""
    return [name for name, needed in SWEEPS.items() if needed <= set(queues)]


class Heart:
    """Writes the signs of life of this process, which does the work of all `processes`."""

    def __init__(self, *processes: str) -> None:
        self._processes = processes
        self._machine = socket.gethostname()[:100]
        self._next = 0.0
        """Seconds of `time.monotonic`; 0 before the first sign."""

    def beat(self) -> None:
        """Write a sign, at most every `BEAT_SECONDS`. A database that does not answer is logged and tried again."""
        if monotonic() < self._next:
            return
        try:
            if not self._next:
                Heartbeat.objects.filter(at__lt=Now() - _FORGOTTEN_AFTER).delete()
            Heartbeat.objects.bulk_create(
                [Heartbeat(process=name, machine=self._machine, at=Now()) for name in self._processes],
                update_conflicts=True,
                unique_fields=["process", "machine"],
                update_fields=["at"],
            )
            with connection.cursor() as cursor:
                sign_keys(cursor)
        except Error as error:
            logger.warning("the database takes no sign of life (%s)", type(error).__name__)
            connection.close()
            return
        self._next = monotonic() + BEAT_SECONDS


@dataclass(frozen=True, slots=True)
class LastBeat:
    """The last sign of a process on any machine; `seconds` is its age, None if there is none."""

    process: str
    seconds: float | None

    @property
    def is_silent(self) -> bool:
        """True if the process has stopped, or was never started."""
        return self.seconds is None or self.seconds > SILENT_SECONDS


def last_beats() -> list[LastBeat]:
    """Return the last sign of each process that an installation runs. Two queries."""
    found = dict(Heartbeat.objects.values_list("process").annotate(last=Max("at")))
    now = database_instant()
    return [
        LastBeat(name, round((now - found[name]).total_seconds(), 1) if name in found else None)
        for name in PROCESSES
    ]
