"""The only Celery tasks of the portal: do one delivery, and find those that nobody was woken for.

One task of the first sort per queue, because the time a delivery may take is the queue's, and the worker's own to know.
"""

import logging
from random import SystemRandom
from typing import Final

from django.conf import settings
from django.utils import timezone

from intake.celery import app
from intake.outbox import kinds, leases, periodic, selectors
from intake.outbox.policy import QUEUES, SWEEP_BATCH, limits_of
from intake.outbox.wake import task_name, wake

logger = logging.getLogger(__name__)

_jitter: Final = SystemRandom()


def deliver(delivery_id: int) -> None:
    """Do a delivery, unless it is done or another worker's. Any number of wakes for one row do it once."""
    try:
        delivery = leases.lease_delivery(delivery_id=delivery_id, at=timezone.now())
    except kinds.UnknownKindError as error:
        logger.error("no room knows deliveries of kind %s", error)  # noqa: TRY400 -- the trace says nothing more
        return
    if delivery is None:
        return
    failure = ""
    try:
        kinds.get(delivery.kind).handler(delivery, timezone.now())
    except Exception as error:  # noqa: BLE001 -- whatever goes wrong is counted and tried again
        failure = leases.describe_error(error)
    # Outside the except block: an error of the database here must not drag the handler's words into the log.
    if failure:
        leases.fail_delivery(delivery=delivery, error=failure, at=timezone.now(), jitter=_jitter)
    else:
        leases.complete_delivery(delivery=delivery, at=timezone.now())


for _queue in QUEUES:
    app.task(
        name=task_name(_queue),
        soft_time_limit=limits_of(_queue).soft,
        time_limit=limits_of(_queue).hard,
    )(deliver)


@app.task(name="intake.outbox.tasks.sweep", soft_time_limit=20, time_limit=30)
def sweep() -> None:
    """Ask for what comes by itself, then wake workers for what is due and for what a dead worker left.

    What it publishes lives until the next sweep: a long backlog is published again and again without growing the
    broker's queues.
    """
    at = timezone.now()
    periodic.post_due(at=at)
    for queue in QUEUES:
        for delivery_id in selectors.workable_ids(queue=queue, at=at, limit=SWEEP_BATCH):
            if not wake(delivery_id=delivery_id, queue=queue, expires=float(settings.OUTBOX_SWEEP_SECONDS)):
                return
