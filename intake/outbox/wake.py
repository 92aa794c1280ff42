"""Waking the workers: a courtesy. A delivery is a row already, and the sweep finds what nobody was woken for."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Final

from amqp.exceptions import ChannelError
from kombu.exceptions import KombuError
from kombu.pools import producers

from intake.celery import app
from intake.web.circuit_breaker import CircuitBreaker

logger = logging.getLogger(__name__)

# By default a broker that refuses connections is tried again for 6 seconds, and one that hangs for ever: for the sweep
# that would be worse than no wake. No second try, a quarter of a second at most, once per process and absence.
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
    """Import what publishing needs; no connection is made.

    Celery and kombu import by name, and late: whoever files first in a new process would wait for it, many times as
    long as a filing takes.
    """
    _named = (app.backend, app.amqp.queues, app.events.Dispatcher)
    with app.connection_for_write(transport_options=PUBLISH_OPTIONS) as connection:
        _transport = connection.transport


def publish_with_timeout(name: str, *, args: list[Any], queue: str, **options: Any) -> bool:
    """Publish a task within a second or not at all; whether it was published. Never raises for the broker's sake."""
    if breaker.is_open:
        return False
    try:
        with producers[_connection()].acquire(
            block=True, timeout=PUBLISH_OPTIONS["socket_timeout"]
        ) as producer:
            app.send_task(name, args=args, queue=queue, producer=producer, retry=False, **options)
    except (KombuError, OSError) as error:
        breaker.trip(error)
        return False
    return True


def waiting_in(queue: str) -> int | None:
    """Return how many wakes the broker holds for the workers of `queue`; None when it does not answer."""
    if breaker.is_open:
        return None
    broker = _connection()
    try:
        with producers[broker].acquire(block=True, timeout=PUBLISH_OPTIONS["socket_timeout"]) as producer:
            return int(producer.channel.queue_declare(queue, passive=True).message_count)
    except ChannelError:
        return 0  # nothing was ever published there
    # Publishing turns what the broker's own library raises into its own errors; asking an open channel does not.
    except (KombuError, OSError, *broker.connection_errors, *broker.channel_errors) as error:
        breaker.trip(error)
        return None


def broker_answers() -> bool:
    """Return whether the broker takes a connection, within a second."""
    try:
        with app.connection_for_write(transport_options=PUBLISH_OPTIONS) as connection:
            return bool(connection.default_channel)  # opening one asks the broker for a PING
    except (KombuError, OSError):
        return False


breaker: Final = CircuitBreaker("the broker", broker_answers)


def wake(*, delivery_id: int, queue: str, **options: Any) -> bool:
    """Tell the workers of `queue` that a delivery waits; whether they could be told."""
    return publish_with_timeout(task_name(queue), args=[delivery_id], queue=queue, **options)


def wake_async(*, delivery_id: int, queue: str) -> None:
    """Tell the workers of `queue` that a delivery waits, beside whoever asked for it: the answer does not wait.

    By a thread of this process. What it could not say when the process ends is found by the sweep.
    """
    _sender(os.getpid()).submit(_wake_or_log, delivery_id, queue)


def _wake_or_log(delivery_id: int, queue: str) -> None:
    try:
        wake(delivery_id=delivery_id, queue=queue)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the sweep does what was not told
        # Nobody reads what a thread raises; of the words of an error, which may hold anything, the class is enough.
        logger.error("the workers of %s could not be woken (%s)", queue, type(error).__name__)  # noqa: TRY400 -- as said


@cache
def _sender(_process: int) -> ThreadPoolExecutor:
    """Return the thread that publishes for a process: a fork inherits none."""
    return ThreadPoolExecutor(1, thread_name_prefix="wakes workers")


def task_name(queue: str) -> str:
    """Return the name of the task that does a delivery of `queue`."""
    return f"intake.outbox.tasks.deliver_{queue}"
