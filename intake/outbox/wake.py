"""Waking the workers: a courtesy. A delivery is a row already, and the sweep finds what nobody was woken for."""

import logging
import time
from functools import cache
from typing import Any, Final

from kombu.exceptions import KombuError
from kombu.pools import producers

from intake.celery import app

logger = logging.getLogger(__name__)

# By default a broker that refuses connections is tried again for 6 seconds, and one that hangs for ever: in a
# request that would be worse than no wake. No second try, half a second at most, then nobody is woken for a while.
QUICKLY: Final = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 0.5,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
}
SILENCE_SECONDS: Final = 5.0


class _Breaker:
    """Remembers, in this process, that the broker failed."""

    silent_until = 0.0


@cache
def _connection() -> Any:
    return app.connection_for_write(transport_options=QUICKLY)


def send_quickly(name: str, *, args: list[Any], queue: str, **options: Any) -> bool:
    """Publish a task within a second or not at all; whether it was published. Never raises for the broker's sake."""
    if time.monotonic() < _Breaker.silent_until:
        return False
    try:
        with producers[_connection()].acquire(block=True, timeout=QUICKLY["socket_timeout"]) as producer:
            app.send_task(name, args=args, queue=queue, producer=producer, retry=False, **options)
    except (KombuError, OSError) as error:
        _Breaker.silent_until = time.monotonic() + SILENCE_SECONDS
        logger.warning("the broker did not answer (%s): the sweep will do", type(error).__name__)
        return False
    return True


def broker_answers() -> bool:
    """Return whether the broker takes a connection, within a second."""
    try:
        with app.connection_for_write(transport_options=QUICKLY) as connection:
            return bool(connection.default_channel)  # opening one asks the broker for a PING
    except (KombuError, OSError):
        return False


def wake(*, delivery_id: int, queue: str, **options: Any) -> bool:
    """Tell the workers of `queue` that a delivery waits; whether they could be told."""
    return send_quickly(task_name(queue), args=[delivery_id], queue=queue, **options)


def task_name(queue: str) -> str:
    """Return the name of the task that does a delivery of `queue`."""
    return f"intake.outbox.tasks.deliver_{queue}"
