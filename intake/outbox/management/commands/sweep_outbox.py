"""`manage.py sweep_outbox`: sweep in a loop, without beat and broker, until stopped."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, connection

from intake.outbox import selectors, tasks
from intake.outbox.fallback_workers import FallbackWorkers
from intake.outbox.policy import SWEEP_INTERVAL_SECONDS
from intake.startup_checks import check_settings_complete

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Sweep every second, and start fallback workers."""

    help = "Wake the workers for what is due; have it done without the broker when they do not take it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        check_settings_complete("SIGNING")  # it performs what no worker takes
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        deputies = FallbackWorkers()
        try:
            while not stop.is_set():
                try:
                    tasks.sweep()
                    deputies.start_for_neglected_queues(at=selectors.database_instant())
                except Error as error:
                    logger.warning("the database does not answer the sweep (%s)", type(error).__name__)
                    connection.close()
                stop.wait(SWEEP_INTERVAL_SECONDS)
        finally:
            deputies.stop()
