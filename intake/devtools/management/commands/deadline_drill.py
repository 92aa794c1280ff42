"""`manage.py deadline_drill`: many candidates file around a closing instant, over HTTP."""

import json
import sys
import time
from argparse import ArgumentTypeError
from contextlib import nullcontext
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from intake.base.command_errors import exit_bad_input
from intake.devtools.deadline_drill.candidates import make_candidates, publish_closing, write_offer
from intake.devtools.deadline_drill.results import Clocks, count_results, faults
from intake.devtools.deadline_drill.web import ServerError, file_around, site_name, warm, web_server
from intake.outbox.selectors import database_instant

MAX_SUBMISSIONS, MAX_SECONDS = 100_000, 600.0
BEFORE: Final = 2.0
"""Seconds between the offer's publication and the first click."""
_WARM: Final = 8
_PORTS: Final = {"http": 80, "https": 443}


def submissions(text: str) -> int:
    """Return the number of filings in `text`; raise ArgumentTypeError unless it is an integer from 1 to 100,000."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MAX_SUBMISSIONS:
        msg = f"{text!r} is not a number of filings, from 1 to {MAX_SUBMISSIONS}"
        raise ArgumentTypeError(msg)
    return int(text)


def seconds(text: str) -> float:
    """Return the number of seconds in `text`; raise ArgumentTypeError unless it is a number from 0 to 600."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= MAX_SECONDS:
        msg = f"{text!r} is not a number of seconds, from 0 to {MAX_SECONDS:g}"
        raise ArgumentTypeError(msg)
    return value


class Command(BaseCommand):
    """File around a closing instant; print one JSON object; exit with 1 if there is a fault."""

    help = (
        "On an unlisted offer that closes in a moment, file complete drafts of invented people around the closing "
        "instant, over HTTP. Starts a web server of its own, unless --url names one that runs on the same database "
        "with the same secret key. Prints one JSON object; exit 1 unless late_accepted, on_time_refused, lost and "
        "double are 0. Refuses to run where people may be real (setting SYNTHETIC_PEOPLE)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--submissions", type=submissions, required=True, metavar="N")
        parser.add_argument(
            "--spread", type=seconds, default=2.0, metavar="SECONDS", help="on either side (default: 2)"
        )
        parser.add_argument(
            "--url",
            metavar="URL",
            help="a server that runs, as http://127.0.0.1:8000 or https://stages.exemple.ca",
        )
        parser.add_argument(
            "--processes", type=int, default=2, metavar="N", help="of the drill's own server (default: 2)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if settings.SYNTHETIC_PEOPLE is not True:
            exit_bad_input("these settings are for real people: no drill is played here (SYNTHETIC_PEOPLE)")
        given = _address(options["url"]) if options["url"] else None
        tls = urlsplit(options["url"] or "").scheme == "https"
        at = database_instant()
        seed = int(at.timestamp() * 1000)
        offer = write_offer(number=f"EX-{at:%y%m%d%H%M%S}-{seed % 1000:03}", at=at)
        people = make_candidates(offer, count=options["submissions"], seed=seed, at=at)
        self._say(f"{len(people)} drafts are ready on offer {offer.number}")
        try:
            with nullcontext(given) if given else web_server(processes=options["processes"]) as (host, port):
                name = urlsplit(options["url"]).netloc if tls else site_name(host, port)
                warm(host=host, port=port, name=name, times=_WARM, tls=tls)
                clocks = _compare_clocks()
                closes_at = clocks.database + timedelta(seconds=BEFORE + options["spread"])
                offer = publish_closing(offer, closes_at=closes_at, at=clocks.database)
                clicks = file_around(
                    people,
                    host=host,
                    port=port,
                    name=name,
                    instant=clocks.monotonic(closes_at),
                    spread=options["spread"],
                    seed=seed,
                    tls=tls,
                )
        except (ServerError, OSError) as error:
            exit_bad_input(f"no server answers ({type(error).__name__})")
        counts = count_results(offer=offer, clicks=clicks, clocks=clocks)
        self.stdout.write(json.dumps(counts))
        if faults(counts):
            self._say(
                "a deadline that somebody passed, or that stopped somebody too soon, or a filing that is not one"
            )
            raise SystemExit(1)

    def _say(self, text: str) -> None:
        self.stderr.write(text)
        sys.stderr.flush()


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        port = 0
    if parts.scheme not in _PORTS or not parts.hostname or not port or parts.path not in {"", "/"}:
        exit_bad_input(f"--url: {url} is no address of a server; give one as http://127.0.0.1:8000")
    return parts.hostname, port


def _compare_clocks() -> Clocks:
    """Read the database's clock five times; return the reading with the shortest round trip, the most exact."""
    readings = []
    for _time in range(5):
        before = time.monotonic()
        instant = database_instant()
        after = time.monotonic()
        readings.append(Clocks(instant, (before + after) / 2, (after - before) / 2))
    return min(readings, key=lambda clocks: clocks.error)
