"""`manage.py verify_dossiers`: compare seals, payloads, files and PDF dossiers with their digests."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from intake.submissions.audit.verification import verify_dossiers


class Command(BaseCommand):
    """Verify seals, payloads, files and dossiers; print one JSON object, exit 1 at the first row that differs."""

    help = (
        "Verify every filing: the seal is the digest of what it holds, the documents kept are those that it names, "
        "every file and every dossier has its digest. Prints how many were read, how many are anonymised, how many "
        "have no dossier yet, and the first row that differs, if any (exit 1). Reads every file."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        audit = verify_dossiers()
        differs = audit.differs
        report = {
            "checked": audit.checked,
            "anonymised": audit.anonymised,
            "not_made": audit.not_made,
            "differs": differs and {"table": differs.table, "id": differs.row, "reason": differs.reason},
        }
        self.stdout.write(json.dumps(report))
        if differs is not None:
            self.stderr.write(f"{differs.table} {differs.row} differs: {differs.reason}")
            raise SystemExit(1)
