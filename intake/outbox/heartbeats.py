"""Signs of life of the processes that nobody calls: beat, each sweep and each worker. A stopped one writes none."""

import logging
import socket
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any, Final

import psycopg
from django.db import Error, connection
from django.db.models import DurationField, ExpressionWrapper, Max
from django.db.models.functions import Now

from intake.outbox.keys_in_use import sign_keys
from intake.outbox.models import Heartbeat
from intake.outbox.policy import BEAT_SECONDS, SILENT_SECONDS
from intake.startup_checks import connect

logger = logging.getLogger(__name__)

BEAT: Final = "beat"
SWEEPS: Final = {
    "sweeper": frozenset({"mail", "receipts", "documents", "exports"}),
    "filing-sweeper": frozenset({"filings"}),
    "inspection-sweeper": frozenset({"uploads"}),
}
"""The sweeps of `docker-compose.yml`, each with its queues."""
WORKERS: Final = {
    "mailer": frozenset({"mail"}),
    "filer": frozenset({"filings"}),
    "receipts": frozenset({"receipts"}),
    "worker": frozenset({"documents"}),
    "exporter": frozenset({"exports"}),
    "inspector": frozenset({"uploads"}),
}
"""The workers, likewise."""
PROCESSES: Final = (BEAT, *SWEEPS, *WORKERS)
"""The processes of which each installation runs at least one."""
_FORGOTTEN_AFTER: Final = timedelta(days=1)
"""Each start of a container has another name of machine."""


_SIGN: Final = """
INSERT INTO outbox_heartbeat (process, machine, at) SELECT unnest(%s::text[]), %s, statement_timestamp()
ON CONFLICT (process, machine) DO UPDATE SET at = EXCLUDED.at"""


def named_for(queues: Collection[str], among: Mapping[str, Collection[str]]) -> list[str]:
    """Return the names of `among` whose queues are all in `queues`: one process may do the work of several."""
    return [name for name, needed in among.items() if set(queues).issuperset(needed)]


def _sign(cursor: Any, processes: Sequence[str]) -> None:
    """Write that `processes` of this machine live, with which keys."""
    cursor.execute(_SIGN, [list(processes), socket.gethostname()[:100]])
    sign_keys(cursor)


class Heart:
    """Writes the signs of life of this process, which does the work of all `processes`."""

    def __init__(self, *processes: str) -> None:
        self._processes = processes
        self._next = 0.0
        """Seconds of `time.monotonic`; 0 before the first sign."""

    def beat(self) -> None:
        """Write a sign, at most every `BEAT_SECONDS`. A database that does not answer is logged and tried again."""
        if monotonic() < self._next:
            return
        try:
            if not self._next:
                Heartbeat.objects.filter(at__lt=Now() - _FORGOTTEN_AFTER).delete()
            with connection.cursor() as cursor:
                _sign(cursor, self._processes)
        except Error as error:
            logger.warning("the database takes no sign of life (%s)", type(error).__name__)
            connection.close()
            return
        self._next = monotonic() + BEAT_SECONDS


def beat_beside(*processes: str) -> None:
    """Write signs of life until this process ends, from a thread, for a process that forks others.

    Each on a connection of its own: a forked process would inherit Django's.
    """

    def run() -> None:
        while True:
            try:
                with connect() as own:
                    _sign(own, processes)
            except psycopg.Error as error:
                logger.warning("the database takes no sign of life (%s)", type(error).__name__)
            time.sleep(BEAT_SECONDS)

    threading.Thread(target=run, name="heart", daemon=True).start()


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
    """Return the last sign of each process that an installation runs. One query."""
    age = ExpressionWrapper(Now() - Max("at"), DurationField())
    found = dict(Heartbeat.objects.values_list("process").annotate(age=age))
    return [
        LastBeat(name, round(found[name].total_seconds(), 1) if name in found else None) for name in PROCESSES
    ]
