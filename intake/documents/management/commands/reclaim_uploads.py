"""`manage.py reclaim_uploads [--dry-run]`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from intake.documents.reclaiming import MIN_AGE, Reclaimed, orphan_files, orphan_uploads, reclaim_uploads


class Command(BaseCommand):
    """Delete unused files now, instead of by the job of the next day."""

    help = (
        "Delete the uploads that nothing refers to and the files that no row names, once they are a day old."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count them and delete nothing")

    def handle(self, *_args: Any, dry_run: bool, **_options: Any) -> None:
        before = timezone.now() - MIN_AGE
        if dry_run:
            files = sum(1 for _path in orphan_files(before=before))
            found = Reclaimed(uploads=orphan_uploads(before=before).count(), files=files)
        else:
            found = reclaim_uploads(before=before)
        self.stdout.write(json.dumps({"dry_run": dry_run, "uploads": found.uploads, "files": found.files}))
