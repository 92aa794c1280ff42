"""Two connections at once, in a test whose transactions commit."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

_BLOCKED_BY_THIS = "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"


def then_close[Result](act: Callable[[], Result]) -> Result:
    """Return what `act` returns, and close the connection of this thread, which a pool would leave open."""
    try:
        return act()
    finally:
        connection.close()


def act_meanwhile[Result](
    act: Callable[[], Result],
    change: Callable[[], object],
    *,
    then: Callable[[], object] = lambda: None,
    waits: bool = True,
) -> Result:
    """Call `act` on another connection between `change` and its commit; return its result, or raise its error.

    `then` is called in the same transaction once `act` waits for one of its locks. Without `waits`, `act` is to end
    before the commit.
    """
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            change()
            other = pool.submit(then_close, act)
            ends = time.monotonic() + 20
            while not (other.done() or _blocks_another()):
                assert time.monotonic() < ends
                time.sleep(0.01)
            assert other.done() is not waits
            then()
        return other.result(timeout=20)


def _blocks_another() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_BLOCKED_BY_THIS)
        return bool(cursor.rowcount)
