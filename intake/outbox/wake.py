"""Wake workers through the broker. Best effort: a delivery is a stored row, and the sweep finds what was not woken."""

import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Final
from uuid import uuid4

from amqp.exceptions import ChannelError
from kombu.exceptions import KombuError
from kombu.pools import producers

from intake.celery import app
from intake.web.circuit_breaker import CircuitBreaker

logger = logging.getLogger(__name__)

type Woken = Sequence[tuple[int, str]]
"""Deliveries, by primary key, each with its queue."""

# By default kombu retries a broker that refuses connections for 6 seconds, and waits for ever for one that hangs, which
# would block the sweep. Here: no retry, at most 0.25 s, once per process and outage.
PUBLISH_OPTIONS: Final = {
    "socket_connect_timeout": 0.25,
    "socket_timeout": 0.25,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
}


@cache
def _connection() -> Any:
    return app.connection_for_write(transport_options=PUBLISH_OPTIONS)


def preload_publisher() -> None:
    """Import what publishing needs, without a connection: else the first filing of a process waits for the imports."""
    _named = (app.backend, app.amqp.queues, app.events.Dispatcher)
    with app.connection_for_write(transport_options=PUBLISH_OPTIONS) as connection:
        _transport = connection.transport


def publish_with_timeout(woken: Woken, *, expires: float | None = None) -> bool:
    """Publish the task of each delivery in one message to the broker, within a second; return whether it did.

    Errors of the broker are not raised. `expires`: seconds. To workers each task is that of `app.send_task`, which
    takes almost twice the time to find where to send it: each filing sends three.
    """
    if breaker.is_open:
        return False
    try:
        with (
            producers[_connection()].acquire(
                block=True, timeout=PUBLISH_OPTIONS["socket_timeout"]
            ) as producer,
            producer.batch(),
        ):
            for delivery_id, queue in woken:
                task = app.amqp.as_task_v2(
                    str(uuid4()), task_name(queue), (delivery_id,), expires=expires, ignore_result=True
                )
                producer.publish(
                    task.body, routing_key=queue, headers=task.headers, expiration=expires, **task.properties
                )
    except (KombuError, OSError) as error:
        breaker.trip(error)
        return False
    return True


def waiting_in(queue: str) -> int | None:
    """Return the number of wakes in the broker's queue; None if the broker does not respond."""
    if breaker.is_open:
        return None
    broker = _connection()
    try:
        with producers[broker].acquire(block=True, timeout=PUBLISH_OPTIONS["socket_timeout"]) as producer:
            return int(producer.channel.queue_declare(queue, passive=True).message_count)
    except ChannelError:
        return 0  # the queue does not exist yet
    # Publishing converts the transport's errors to kombu's; a call on an open channel does not.
    except (KombuError, OSError, *broker.connection_errors, *broker.channel_errors) as error:
        breaker.trip(error)
        return None


def ask_broker() -> None:
    """Open a connection to the broker within a second, or raise KombuError or OSError."""
    with app.connection_for_write(transport_options=PUBLISH_OPTIONS) as connection:
        _channel = connection.default_channel  # opening it sends a PING to the broker


def broker_answers() -> bool:
    """Return whether the broker accepts a connection, within a second."""
    try:
        ask_broker()
    except (KombuError, OSError):
        return False
    return True


breaker: Final = CircuitBreaker("the broker", broker_answers)


def wake(*, delivery_id: int, queue: str, **options: Any) -> bool:
    """Wake the workers of `queue` for a delivery; return whether the wake was published."""
    return publish_with_timeout([(delivery_id, queue)], **options)


def wake_async(woken: Woken) -> None:
    """Wake workers for deliveries, in a background thread: the response does not wait."""
    _sender(os.getpid()).submit(_wake_or_log, woken)


def _wake_or_log(woken: Woken) -> None:
    try:
        publish_with_timeout(woken)
    except Exception as error:  # noqa: BLE001 -- whatever fails, the sweep finds the delivery
        # A thread's exception is lost. Log the class only: the message may contain personal data.
        queues = ", ".join(queue for _delivery, queue in woken)
        logger.error("the workers of %s could not be woken (%s)", queues, type(error).__name__)  # noqa: TRY400 -- the traceback may contain personal data


@cache
def _sender(_process: int) -> ThreadPoolExecutor:
    """Return the publishing thread of a process; keyed by pid because a fork inherits no thread."""
    return ThreadPoolExecutor(1, thread_name_prefix="wakes workers")


def task_name(queue: str) -> str:
    """Return the name of the task that performs deliveries of `queue`."""
    return f"intake.outbox.tasks.deliver_{queue}"
