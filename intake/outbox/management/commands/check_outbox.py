"""`manage.py check_outbox`: count the deliveries that wait too long."""

import json
from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from intake.outbox.selectors import backlog

MAX_SECONDS = 10 * 366 * 24 * 3600  # ten years: a larger number could precede the first date of datetime


def seconds(text: str) -> int:
    """Return a whole number of seconds, from 0 to ten years, from the command line."""
    is_short_number = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_SECONDS))
    if not is_short_number or int(text) > MAX_SECONDS:
        msg = f"{text!r} is not a whole number of seconds, from 0 to {MAX_SECONDS}"
        raise ArgumentTypeError(msg)
    return int(text)


class Command(BaseCommand):
    """Count pending, leased and dead deliveries."""

    help = "Count the deliveries that are not done; exit 1 when one was asked for too long ago."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than",
            type=seconds,
            default=60,
            metavar="SECONDS",
            help="age from which a delivery that is not done is too old (60 seconds when not given)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        at = timezone.now()
        limit: int = options["older_than"]
        found = backlog(older_than=at - timedelta(seconds=limit))
        age = (at - found.oldest_at).total_seconds() if found.oldest_at else None
        self.stdout.write(
            json.dumps(
                {
                    "pending": found.pending,
                    "leased": found.leased,
                    "dead": found.dead,
                    "older": found.older,
                    "older_than": limit,
                    "oldest_seconds": None if age is None else round(age, 1),
                }
            )
        )
        if found.older:
            self.stderr.write(f"{found.older} deliveries were asked for more than {limit} s ago")
            raise SystemExit(1)
