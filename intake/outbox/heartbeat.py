"""Renewal of a worker's lease while it works. If the worker dies, the lease expires."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from django.db import Error, connection

from intake.outbox import leases, selectors
from intake.outbox.models import Delivery
from intake.outbox.policy import RENEW_SECONDS

logger = logging.getLogger(__name__)


@contextmanager
def renewing_lease(delivery: Delivery, *, at_most: float) -> Iterator[None]:
    """Renew the lease of `delivery` during the block, for `at_most` seconds.

    A thread renews it with its own connection, which opens after `policy.RENEW_SECONDS`: a mail that is sent faster
    costs nothing. A renewal that fails in the database is tried again at the next interval.
    """
    over = threading.Event()
    ends = monotonic() + at_most

    def renew() -> None:
        opened = False
        while not over.wait(RENEW_SECONDS) and monotonic() < ends:
            opened = True
            try:
                if not leases.renew_lease(delivery=delivery, at=selectors.database_instant()):
                    break
            except Error as error:
                logger.warning("a lease could not be renewed (%s)", type(error).__name__)
                connection.close()
        if opened:
            connection.close()

    thread = threading.Thread(target=renew, name="renews a lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(RENEW_SECONDS)
