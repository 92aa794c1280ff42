"""`manage.py sweep_outbox [--queues uploads]`: sweep in a loop, without beat and broker, until stopped."""

import logging
import signal
import threading
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, connection

from intake.outbox import selectors, tasks
from intake.outbox.fallback_workers import FallbackWorkers
from intake.outbox.heartbeats import SWEEPS, Heart, named_for
from intake.outbox.outages import Watch
from intake.outbox.policy import AWAY_LOOK_SECONDS, QUEUES, SWEEP_INTERVAL_SECONDS, keys_needed
from intake.startup_checks import check_settings_complete

logger = logging.getLogger(__name__)

WATCH = "server-watch"  # name of the thread that asks the servers
WATCH_END_SECONDS = 2  # a question under way is not waited for


def queue_names(text: str) -> tuple[str, ...]:
    """Return names of queues, separated by commas, from the command line."""
    names = tuple(text.split(","))
    if not set(names) <= set(QUEUES):
        msg = f"{text!r}: queues are {', '.join(QUEUES)}"
        raise ArgumentTypeError(msg)
    return names


class Command(BaseCommand):
    """Sweep every second, and start fallback workers."""

    requires_system_checks = ()  # they import every page
    help = "Wake the workers for what is due; have it done without the broker when they do not take it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--queues",
            type=queue_names,
            default=QUEUES,
            help="perform only what workers of these queues leave, separated by commas; wake the workers of all",
        )

    def handle(self, *_args: Any, queues: tuple[str, ...], **_options: Any) -> None:
        check_settings_complete(*keys_needed(queues))  # it performs what no worker takes
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        watch = threading.Thread(target=_watch_servers, name=WATCH, args=(stop,), daemon=True)
        if "mail" in queues:  # the sweep that reaches every server
            watch.start()
        fallback, heart = FallbackWorkers(queues), Heart(*named_for(queues, SWEEPS))
        try:
            while not stop.is_set():
                try:
                    tasks.sweep()
                    fallback.start_for_neglected_queues(at=selectors.database_instant())
                    heart.beat()
                except Error as error:
                    logger.warning("the database does not answer the sweep (%s)", type(error).__name__)
                    connection.close()
                stop.wait(SWEEP_INTERVAL_SECONDS)
        finally:
            fallback.stop()
            if watch.ident is not None:
                watch.join(WATCH_END_SECONDS)


def _watch_servers(stop: threading.Event) -> None:
    """Begin and end outages until the command stops; apart from the sweep, as a server may take seconds to fail."""
    watch = Watch()
    while not stop.is_set():
        try:
            watch.look()
        except Error as error:
            logger.warning("the database does not answer the watch of servers (%s)", type(error).__name__)
            connection.close()
        stop.wait(AWAY_LOOK_SECONDS)
    connection.close()
