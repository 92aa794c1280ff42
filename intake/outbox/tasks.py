"""The only Celery tasks of the portal: perform one delivery (a task per queue, with its time limits), and sweep."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from random import SystemRandom
from typing import Final

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from intake.celery import app
from intake.outbox import kinds, leases, selectors
from intake.outbox.messages import MailServerUnavailableError
from intake.outbox.models import Delivery
from intake.outbox.policy import QUEUES, SWEEP_BATCH, limits_of, places_in
from intake.outbox.services import post_due
from intake.outbox.wake import task_name, waiting_in, wake
from intake.web.request_id import use_request_id
from intake.web.storage import StorageUnavailableError

logger = logging.getLogger(__name__)

_jitter: Final = SystemRandom()
_PAUSES: Final = (0.0, 0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts to store the outcome of a delivery. Their sum is less than a lease."""
_TURNS: Final = 3  # workers of a queue with places are few, and meet rarely


def deliver(delivery_id: int, *, at: datetime | None = None) -> bool:
    """Perform a delivery, unless it is done or leased by another worker. Any number of wakes perform it once.

    `at` is the database's instant, which is asked by default. Return whether this call performed it.
    """
    at = at or selectors.database_instant()
    try:
        delivery = leases.lease_delivery(delivery_id=delivery_id, at=at)
    except kinds.UnknownKindError as error:
        logger.error("no application registered deliveries of kind %s", error)  # noqa: TRY400 -- the traceback adds nothing
        return False
    if delivery is None:
        return False
    with use_request_id(delivery.request_reference):
        _perform(delivery, at)
    return True


def _perform(delivery: Delivery, at: datetime) -> None:
    kind = kinds.get(delivery.kind)
    failure, outage = "", False
    try:
        with leases.renewing_lease(delivery, at_most=limits_of(kind.queue).hard):
            kind.handler(delivery, at)
    except (MailServerUnavailableError, StorageUnavailableError) as error:
        failure, outage = leases.describe_error(error.__cause__ or error), True
    except Exception as error:  # noqa: BLE001 -- any error counts as a failed attempt and is retried
        failure = leases.describe_error(error)
    # Outside the except block: a database error here would otherwise log the handler's error with its message.
    write_with_retry(lambda: _record_outcome(delivery, failure, outage=outage))


def deliver_by_priority(delivery_id: int) -> None:
    """Perform the delivery that was woken, or one of its queue with `comes_first` that waits behind it.

    In the second case, publish the wake again: the broker's queue has no priorities.
    """
    found = selectors.kind_of(delivery_id)
    if found is None:
        return
    kind, at = found
    ahead = None
    with suppress(kinds.UnknownKindError):  # `deliver` logs it
        ahead = selectors.higher_priority_than(kind=kind, at=at)
    if ahead is None:
        deliver(delivery_id, at=at)
        return
    first, queue = ahead
    wake(delivery_id=delivery_id, queue=queue, expires=float(settings.OUTBOX_SWEEP_SECONDS))
    deliver(first, at=at)


def deliver_in_turn(delivery_id: int) -> None:
    """Perform the delivery whose turn it is in the queue of the one that was woken; then wake the next, if any.

    A wake that finds no free place does nothing: the worker that frees one wakes the next.
    """
    found = selectors.kind_of(delivery_id)
    if found is None:
        return
    try:
        queue = kinds.get(found[0]).queue
    except kinds.UnknownKindError:
        deliver(delivery_id)  # logs it
        return
    if any(deliver(turn) for turn in _turns(queue)):
        for following in selectors.workable_ids(queue=queue, at=selectors.database_instant(), limit=1):
            wake(delivery_id=following, queue=queue, expires=float(settings.OUTBOX_SWEEP_SECONDS))


def _turns(queue: str) -> Iterator[int]:
    """Yield whose turn it is, and again if another worker took that one first."""
    for _attempt in range(_TURNS):
        yield from selectors.workable_ids(queue=queue, at=selectors.database_instant(), limit=1)


def _record_outcome(delivery: Delivery, failure: str, *, outage: bool) -> None:
    if failure:
        at = selectors.database_instant()
        leases.fail_delivery(delivery=delivery, error=failure, at=at, jitter=_jitter, outage=outage)
    else:
        leases.complete_delivery(delivery=delivery)
        logger.info("delivery %s (%s) is done", delivery.public_id, delivery.kind)


def write_with_retry(write: Callable[[], None]) -> None:
    """Call `write`, and again on a new connection if the database closes this one: else a mail would be sent twice.

    :raises django.db.Error: if the database fails for as long as a lease lasts; another worker then takes over.
    """
    for pause in _PAUSES:
        try:
            write()
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(pause)
        else:
            return
    write()


for _queue in QUEUES:
    app.task(
        name=task_name(_queue),
        soft_time_limit=limits_of(_queue).soft,
        time_limit=limits_of(_queue).hard,
    )(deliver_by_priority if places_in(_queue) is None else deliver_in_turn)


@app.task(name="intake.outbox.tasks.sweep", soft_time_limit=20, time_limit=30)
def sweep() -> None:
    """Post the periodic jobs, then wake workers for what is due and for expired leases.

    Any number of sweeps may run at once: each fills a broker's queue up to `policy.SWEEP_BATCH` wakes, and a wake
    expires after `OUTBOX_SWEEP_SECONDS`.
    """
    at = selectors.database_instant()
    post_due(at=at)
    for queue in QUEUES:
        waiting = waiting_in(queue)
        if waiting is None:
            return
        limit = max(0, SWEEP_BATCH - waiting)
        for delivery_id in selectors.workable_ids(queue=queue, at=at, limit=limit):
            if not wake(delivery_id=delivery_id, queue=queue, expires=float(settings.OUTBOX_SWEEP_SECONDS)):
                return
