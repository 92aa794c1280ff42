"""`manage.py anonymise --due [--dry-run]`."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from intake.privacy.retention.erasing import erase_due, preview_due


class Command(BaseCommand):
    """Erase now what the schedule has made due, as the daily job does."""

    help = (
        "Erase the files, drafts and accounts that are due by the retention rules and not held, and delete their "
        "stored files. Idempotent; a run that was killed is finished by the next one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--due", action="store_true", required=True, help="all that is due today")
        parser.add_argument("--dry-run", action="store_true", help="count and erase nothing")

    def handle(self, *_args: Any, dry_run: bool, **_options: Any) -> None:
        report = preview_due() if dry_run else erase_due()
        self.stdout.write(json.dumps({"dry_run": dry_run} | asdict(report)))
        if report.failed:
            sys.exit(1)
