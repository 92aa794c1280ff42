"""Workers that need no broker: they perform deliveries that Celery workers do not take."""

import faulthandler
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final

from django.conf import settings

from intake.outbox import selectors, tasks
from intake.outbox.messages import DeliveryTooLongError
from intake.outbox.policy import (
    LEASE,
    NEGLECTED_AFTER,
    QUEUES,
    SWEEP_INTERVAL_SECONDS,
    limits_of,
    lower_priority,
    places_in,
)

LINGER_SECONDS: Final = 20
"""Seconds that an idle fallback worker stays, so that the next mail of an outage does not wait for a process start."""
BATCH_SIZE: Final = 20
_INTERVAL: Final = timedelta(seconds=SWEEP_INTERVAL_SECONDS)
STOP_SECONDS: Final = 45
"""Seconds that a stopping sweep waits for a fallback worker. An interrupted delivery is performed again."""


class FallbackWorkers:
    """At most one process for each of `queues`, started if deliveries are neglected. It needs only the database."""

    def __init__(self, queues: Sequence[str] = QUEUES) -> None:
        self._queues = queues
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._next: dict[str, tuple[Sequence[int], datetime]] = {}
        """The delivery, if any, that is the next of each queue, and when it was first seen so."""

    def start_for_neglected_queues(self, *, at: datetime) -> None:
        """Start a worker for each queue where a due delivery has waited longer than `policy.NEGLECTED_AFTER`.

        Not while the queue moves on: its workers are at work, and another process would take processors from them.
        """
        for queue in self._queues:
            stands_still = self._stands_still(queue, at=at)
            worker = self._running.get(queue)
            if not stands_still or (worker is not None and worker.poll() is None):
                continue
            if selectors.has_neglected_delivery(queue=queue, before=at - NEGLECTED_AFTER[queue]):
                manage = str(settings.BASE_DIR / "manage.py")
                command = [sys.executable, manage, "deliver_outbox", "--queue", queue, "--for-parent"]
                # In a session of its own: it has the sweep's priority among other sessions otherwise.
                worker = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 -- our own command
                lower_priority(
                    queue, process=worker.pid
                )  # its start alone takes more than a second of a processor
                self._running[queue] = worker

    def _stands_still(self, queue: str, *, at: datetime) -> bool:
        """True if the head of `queue` has not changed for its timeout, as seen by these calls.

        Where a worker holds a lease, for the length of a lease at least: it may be slow, and be dead only after that.
        Not for filings, whose jobs end within a second.
        """
        found = selectors.workable_ids(queue=queue, at=at, limit=1)
        seen, since = self._next.get(queue, ((), at))
        if found != seen:
            self._next[queue] = found, at
            return False
        patience = NEGLECTED_AFTER[queue]
        if queue != "filings" and selectors.is_under_way(queue=queue, at=at):
            patience = max(patience, LEASE)
        # It may have been the next one for an interval before it was first seen so.
        return bool(found) and at - since > patience - _INTERVAL

    def stop(self) -> None:
        """Stop every worker after its current delivery, or kill it after `STOP_SECONDS`."""
        for worker in self._running.values():
            if worker.poll() is None:
                worker.terminate()
        for queue, worker in self._running.items():
            try:
                worker.wait(min(limits_of(queue).hard, STOP_SECONDS))
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()


def deliver_due(*, queue: str, stop: threading.Event, linger: float) -> int:
    """Perform what is due in `queue`, oldest first, until nothing was due for `linger` seconds; return the count.

    One at a time, each within its queue's limits: a delivery that hangs ends this process, and its lease expires.

    :raises django.db.Error: if the database does not respond.
    """
    tried, idle_since = 0, monotonic()
    perform = tasks.deliver_by_priority if places_in(queue) is None else tasks.deliver_in_turn
    while not stop.is_set():
        due = selectors.workable_ids(queue=queue, at=selectors.database_instant(), limit=BATCH_SIZE)
        for delivery_id in due:
            if stop.is_set():
                return tried
            with _limited(queue):
                perform(delivery_id)
            tried += 1
        if due:
            idle_since = monotonic()
        elif monotonic() - idle_since >= linger:
            return tried
        else:
            stop.wait(SWEEP_INTERVAL_SECONDS / 2)
    return tried


@contextmanager
def _limited(queue: str) -> Iterator[None]:
    """Limit a block to the limits of `queue`: raise at the soft limit, exit the process at the hard limit."""
    limits = limits_of(queue)

    def too_long(*_: Any) -> None:
        raise DeliveryTooLongError

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, limits.soft)
    with Path(os.devnull).open("w") as nowhere:
        faulthandler.dump_traceback_later(limits.hard, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
