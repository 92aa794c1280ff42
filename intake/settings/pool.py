"""What the pool of database connections checks before it gives one to a request."""

import select
from time import monotonic
from typing import Any, Final
from weakref import WeakKeyDictionary

from psycopg import Connection
from psycopg_pool import ConnectionPool

EVERY_SECONDS: Final = 1.0
"""How long an answer of the server vouches for a connection on which nothing has come since."""

_answered_at: WeakKeyDictionary[Connection[Any], float] = WeakKeyDictionary()
"""Monotonic second of the last check that the server answered, of each connection of this process."""


def check_connection(connection: Connection[Any]) -> None:
    """Check that the server answers, unless it did a moment ago and has not closed the connection since.

    A request of few statements would otherwise spend a third of its time on the check. A restart, or an administrator
    who ends the session, closes the connection, which is seen at once, without a round trip. Of a server whose machine
    lost its power, which closes nothing, a request of that second may get a connection.

    :raises psycopg.Error: if it does not; the pool then makes another connection.
    """
    now = monotonic()
    if now - _answered_at.get(connection, -EVERY_SECONDS) < EVERY_SECONDS and not _has_unread(connection):
        return
    ConnectionPool.check_connection(connection)
    _answered_at[connection] = now


def _has_unread(connection: Connection[Any]) -> bool:
    """True if something came unasked: the end of the connection, or a notice."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
