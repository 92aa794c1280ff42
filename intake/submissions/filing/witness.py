"""Attest when requests came to this process, some time before they reach the database.

A request may wait for seconds in the web server's queue while thousands press the button. The kernel tells when its
last byte came (`intake.web.request_wait`), by a clock that decides nothing. A thread keeps a few transactions open, on
connections that do nothing else, and notes what that clock read when each began. An arrival cites the last one that
began before it came, and the time between the two: the database knows when that transaction began, and takes the
arrival for no earlier. See `sql/stamp_arrival_and_refuse_late.sql`.
"""

import hashlib
import logging
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import psycopg
from django.db import connection

from .arrivals import Cited

logger = logging.getLogger(__name__)

SESSIONS: Final = 4
"""Covers requests that waited less than `(SESSIONS - 1) * EVERY_SECONDS`: 60 s."""
EVERY_SECONDS: Final = 20
RETRY_SECONDS: Final = 2
"""While the database does not answer."""
EXACT_NS: Final = 300_000
"""Nanoseconds of a round trip to the database in which a transaction begins: half of it is the error of an arrival."""
_ATTEMPTS: Final = 10
NAME_LENGTH: Final = 60
"""Characters of the digest that names a session: PostgreSQL keeps 63."""


@dataclass(frozen=True, slots=True)
class _Session:
    connection: "psycopg.Connection[Any]"
    witness: str
    """`process:secret`, as an arrival cites it."""
    began_ns: int
    """What `time.time_ns` read when its transaction began."""
    is_exact: bool
    """True if the round trip took at most `EXACT_NS`."""


class Witnesses:
    """The sessions of this process that attest, oldest first, each in a transaction."""

    def __init__(self) -> None:
        self._sessions: tuple[_Session, ...] = ()

    def cite(self, received_ns: int | None) -> Cited | None:
        """Return what attests a request that came at `received_ns` (`time.time_ns`); None if no session does."""
        if received_ns is None:
            return None
        for session in reversed(self._sessions):
            if session.began_ns <= received_ns:
                return Cited(
                    session.witness, timedelta(microseconds=(received_ns - session.began_ns) // 1000)
                )
        return None

    def renew(self) -> None:
        """Open a session, and end those that the database lost, and the oldest one if there are more than `SESSIONS`.

        :raises psycopg.Error: if none can be opened.
        """
        alive = tuple(session for session in self._sessions if _is_alive(session))
        opened = _open()
        if not opened.is_exact and _is_young(alive):  # in a rush; the others attest for longer
            opened.connection.close()
            self._sessions = alive
            return
        sessions = (*alive, opened)
        self._sessions = sessions[-SESSIONS:]
        for session in sessions[:-SESSIONS]:
            session.connection.close()


def _is_young(sessions: tuple[_Session, ...]) -> bool:
    """True if the last session is recent: where each round trip is long, an old one measures how clocks drift."""
    return (
        bool(sessions) and time.time_ns() - sessions[-1].began_ns < SESSIONS * EVERY_SECONDS * 1_000_000_000
    )


def _is_alive(session: _Session) -> bool:
    try:
        session.connection.execute("SELECT")
    except psycopg.Error:
        session.connection.close()
        return False
    return True


def _open() -> _Session:
    secret = secrets.token_urlsafe(24)
    name = hashlib.sha256(secret.encode()).hexdigest()[:NAME_LENGTH]
    opened: psycopg.Connection[Any] = psycopg.connect(
        **connection.get_connection_params() | {"application_name": name}, autocommit=True
    )
    try:
        before, after = _begin(opened)
        # Asked inside the transaction: a pooler gives each transaction a process of the server, and the limit to it.
        (process,) = opened.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        opened.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    except psycopg.Error:
        opened.close()
        raise
    return _Session(
        opened,
        f"{process}:{secret}",
        began_ns=(before + after) // 2,
        is_exact=after - before <= EXACT_NS,
    )


def _begin(opened: "psycopg.Connection[Any]") -> tuple[int, int]:
    """Begin a transaction, and return what `time.time_ns` read before and after; again, if the round trip was long.

    It holds no snapshot between statements, so nothing waits for its end.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        before = time.time_ns()
        opened.execute("BEGIN")
        after = time.time_ns()
        if after - before <= EXACT_NS or attempt == _ATTEMPTS:
            break
        opened.execute("ROLLBACK")
    return before, after


witnesses: Final = Witnesses()


def keep_witnesses() -> None:
    """Start the thread of this process that renews its witnesses."""
    threading.Thread(target=_renew_for_ever, name="attests waits", daemon=True).start()


def _renew_for_ever() -> None:
    while True:
        wait = EVERY_SECONDS
        try:
            witnesses.renew()
        except psycopg.Error as error:
            logger.warning("no wait is attested: the database does not answer (%s)", type(error).__name__)
            wait = RETRY_SECONDS
        time.sleep(wait)
