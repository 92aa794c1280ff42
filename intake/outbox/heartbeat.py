"""A worker's sign of life: its lease is renewed while it works, and by nobody once it is dead."""

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
    """Renew the lease of `delivery` for the length of a block, and for `at_most` seconds.

    From a thread with a connection of its own, which opens after `policy.RENEW_SECONDS`: a mail that leaves at once
    costs nothing. A renewal that the database refuses is tried again at the next one.
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
