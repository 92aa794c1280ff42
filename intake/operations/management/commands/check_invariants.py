"""`manage.py check_invariants`: check every invariant."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from intake.operations import invariants
from intake.operations.invariants import checked_invariants, find_violations


class Command(BaseCommand):
    """Check every invariant; print one JSON object, and exit 1 if one is violated."""

    help = (
        "Ask whether what must hold of the rows holds (a filing has one receipt, a seal is the digest of what it "
        'holds…). Prints {"checked": N, "violations": [{"invariant", "id"}]}; exit 1 when there is one.'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--files", action="store_true", help="read every stored file too, and compare its digest"
        )
        parser.add_argument("--list", action="store_true", help="only name the invariants, one a line")

    def handle(self, *_args: Any, **options: Any) -> None:
        files: bool = options["files"]
        if options["list"]:
            for invariant in checked_invariants(files=files):
                self.stdout.write(invariant.name)
            return
        # Those that this server's settings do not allow to check.
        silent = [invariant for invariant in invariants.INVARIANTS if not invariant.is_answered()]
        for invariant in silent:
            self.stderr.write(f"{invariant.name} was not asked: {invariant.setting} is off on this server")
        # Written as found, so that 100,000 violations are never in memory.
        checked = len(checked_invariants(files=files)) - len(silent)
        self.stdout.write(f'{{"checked": {checked}, "violations": [', ending="")
        count = 0
        for name, row in find_violations(files=files):
            self.stdout.write((", " if count else "") + json.dumps({"invariant": name, "id": row}), ending="")
            count += 1
        self.stdout.write("]}")
        if count:
            self.stderr.write(f"{count} rows or files break what must hold")
            raise SystemExit(1)
