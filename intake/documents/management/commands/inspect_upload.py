"""`manage.py inspect_upload PATH --name NAME --kind CV [--out CLEAN.pdf]`."""

import json
import shutil
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from intake.base.command_errors import exit_bad_input
from intake.documents.inspection import Inspection, inspect_file
from intake.documents.temp_dirs import temporary_directory

# Defaults of the programme: an offer sets its own limits per document request.
DEFAULT_PAGES = {
    "CV": 3,
    "MOTIVATION_LETTER": 2,
    "TRANSCRIPT": 20,
    "ENROLMENT_PROOF": 10,
    "RECOMMENDATION": 3,
    "OTHER": 10,
}
DEFAULT_BYTES = 10 * 1024 * 1024


class Command(BaseCommand):
    """Inspect one file as an upload, without storing it."""

    help = (
        "Inspect a file as if a candidate had sent it: one JSON object on standard output; exit 0 accepted, 1 refused, "
        "2 bad input. At most 10 MiB, and the pages that its kind allows by default. Needs no database."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--name", required=True, help="the name its sender gives it")
        parser.add_argument(
            "--kind", required=True, help=f"what it is meant to be: {', '.join(sorted(DEFAULT_PAGES))}"
        )
        parser.add_argument("--out", type=Path, help="where to write what would be merged in the dossier")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["path"]
        out: Path | None = options["out"]
        if not path.is_file():
            exit_bad_input(f"{path} is not a file")
        if options["kind"] not in DEFAULT_PAGES:
            exit_bad_input(f"--kind {options['kind']}: not one of {', '.join(sorted(DEFAULT_PAGES))}")
        if out is not None and not out.parent.is_dir():
            exit_bad_input(f"{out.parent} is not a directory")
        with temporary_directory("inspect") as room:
            try:
                inspection = inspect_file(
                    path,
                    name=options["name"],
                    max_pages=DEFAULT_PAGES[options["kind"]],
                    max_bytes=DEFAULT_BYTES,
                    into=room,
                )
                if inspection.clean_path is not None and out is not None:
                    shutil.copyfile(inspection.clean_path, out)
            except OSError as error:
                exit_bad_input(error)
        self.stdout.write(json.dumps(_shape(inspection), ensure_ascii=False))
        if not inspection.is_accepted:
            sys.exit(1)


def _shape(inspection: Inspection) -> dict[str, object]:
    return {
        "outcome": inspection.outcome,
        "reason_code": inspection.reason_code,
        "reason": inspection.reason,
        "stored_name": inspection.stored_name,
        "media_type": inspection.media_type,
        "pages": inspection.pages,
        "neutralised": list(inspection.neutralised),
        "warnings": list(inspection.warnings),
    }
