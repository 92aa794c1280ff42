"""`manage.py deliver_outbox --queue mail`: perform what is due, without the broker and its workers."""

import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from intake.outbox.fallback_workers import LINGER_SECONDS, deliver_due
from intake.outbox.policy import QUEUES, SWEEP_INTERVAL_SECONDS, lower_priority

WATCH = "parent-watch"  # name of the thread that detects the end of the parent process


class Command(BaseCommand):
    """Perform deliveries until nothing is due."""

    requires_system_checks = ()  # they import every page
    help = "Do the deliveries of a queue that are due, one after the other, needing the database alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queue", choices=QUEUES, required=True, help="which deliveries")
        parser.add_argument(
            "--for-parent",
            action="store_true",
            help="stay a while for what comes next, and leave when the process that started this one has ended",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        lower_priority(options["queue"])
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        if options["for_parent"]:
            threading.Thread(target=_watch, name=WATCH, args=(os.getppid(), stop), daemon=True).start()
        linger = LINGER_SECONDS if options["for_parent"] else 0
        tried = deliver_due(queue=options["queue"], stop=stop, linger=linger)
        if not options["for_parent"]:
            self.stdout.write(f'{{"tried": {tried}}}')


def _watch(parent: int, stop: threading.Event) -> None:
    while not stop.wait(SWEEP_INTERVAL_SECONDS):
        if os.getppid() != parent:
            stop.set()
