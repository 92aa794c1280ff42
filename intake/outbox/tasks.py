"""The only Celery tasks of the portal: do one delivery, and find those that nobody was woken for.

One task of the first sort per queue, because the time a delivery may take is the queue's, and the worker's own to know.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from random import SystemRandom
from typing import Final

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from intake.celery import app
from intake.outbox import kinds, leases, periodic, selectors
from intake.outbox.heartbeat import renewing_lease
from intake.outbox.models import Delivery
from intake.outbox.outages import MailServerUnavailableError
from intake.outbox.policy import QUEUES, SWEEP_BATCH, limits_of
from intake.outbox.wake import task_name, waiting_in, wake

logger = logging.getLogger(__name__)

_jitter: Final = SystemRandom()
_PAUSES: Final = (0.0, 0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts to write how a delivery ended: together less than a lease."""


def deliver(delivery_id: int) -> None:
    """Do a delivery, unless it is done or another worker's. Any number of wakes for one row do it once."""
    at = selectors.database_instant()
    try:
        delivery = leases.lease_delivery(delivery_id=delivery_id, at=at)
    except kinds.UnknownKindError as error:
        logger.error("no room knows deliveries of kind %s", error)  # noqa: TRY400 -- the trace says nothing more
        return
    if delivery is None:
        return
    kind = kinds.get(delivery.kind)
    failure, outage = "", False
    try:
        with renewing_lease(delivery, at_most=limits_of(kind.queue).hard):
            kind.handler(delivery, at)
    except MailServerUnavailableError as error:
        failure, outage = leases.describe_error(error.__cause__ or error), True
    except Exception as error:  # noqa: BLE001 -- whatever goes wrong is counted and tried again
        failure = leases.describe_error(error)
    # Outside the except block: an error of the database here must not drag the handler's words into the log.
    write_with_retry(lambda: _record_outcome(delivery, failure, outage=outage))


def deliver_by_priority(delivery_id: int) -> None:
    """Do what a wake for a delivery is worth: that one, or one of its queue that comes first and waits behind it.

    The wake is then given back: the broker's queue knows no order of its own.
    """
    ahead = None
    with suppress(kinds.UnknownKindError):  # `deliver` says so
        ahead = selectors.higher_priority_than(delivery_id=delivery_id, at=selectors.database_instant())
    if ahead is None:
        deliver(delivery_id)
        return
    first, queue = ahead
    wake(delivery_id=delivery_id, queue=queue, expires=float(settings.OUTBOX_SWEEP_SECONDS))
    deliver(first)


def _record_outcome(delivery: Delivery, failure: str, *, outage: bool) -> None:
    """Write how a leased delivery ended."""
    at = selectors.database_instant()
    if failure:
        leases.fail_delivery(delivery=delivery, error=failure, at=at, jitter=_jitter, outage=outage)
    else:
        leases.complete_delivery(delivery=delivery, at=at)


def write_with_retry(write: Callable[[], None]) -> None:
    """Write, and write again by a new connection if the database cuts this one: a sent mail must not be sent twice.

    :raises django.db.Error: when it does not answer for as long as a lease lasts; another worker then takes over.
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
    )(deliver_by_priority)


@app.task(name="intake.outbox.tasks.sweep", soft_time_limit=20, time_limit=30)
def sweep() -> None:
    """Ask for what comes by itself, then wake workers for what is due and for what a dead worker left.

    Any number may sweep, as often as they like: a broker's queue is filled up to `policy.SWEEP_BATCH` wakes and no
    further, and what is published lives for `OUTBOX_SWEEP_SECONDS`.
    """
    at = selectors.database_instant()
    periodic.post_due(at=at)
    for queue in QUEUES:
        waiting = waiting_in(queue)
        if waiting is None:
            return
        limit = max(0, SWEEP_BATCH - waiting)
        for delivery_id in selectors.workable_ids(queue=queue, at=at, limit=limit):
            if not wake(delivery_id=delivery_id, queue=queue, expires=float(settings.OUTBOX_SWEEP_SECONDS)):
                return
