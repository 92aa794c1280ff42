"""`manage.py verify_audit`: recompute chains, digests and verdicts and compare them with the stored ones."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from intake.base.command_errors import exit_bad_input
from intake.journal.chain import Audit, verify_chains
from intake.submissions.audit.verification import verify_seals, verify_verdicts


class Command(BaseCommand):
    """Recompute chains, digests and verdicts; print one JSON object; exit 1 at the first row that differs."""

    help = (
        "Compute again the journal's chains, the digest of every seal and the verdict on every filing. Prints how many "
        "rows were read, how many of them are anonymised, the journal's heads, and the first row that differs, if any "
        "(exit 1). With --since, an earlier output kept elsewhere, also shows that nothing before it was cut off or "
        "written again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", metavar="PATH", help="what this command printed another day")

    def handle(self, *_args: Any, **options: Any) -> None:
        journal = verify_chains(since=_heads_of(options["since"]) if options["since"] else None)
        parts = {"journal": journal, "seals": verify_seals(), "verdicts": verify_verdicts()}
        differs = next((audit.differs for audit in parts.values() if audit.differs is not None), None)
        report: dict[str, Any] = {name: _counts(audit) for name, audit in parts.items()}
        report["journal"]["heads"] = [[lane, *head] for lane, head in sorted(journal.heads.items())]
        report["differs"] = differs and {"table": differs.table, "id": differs.row, "reason": differs.reason}
        self.stdout.write(json.dumps(report))
        if differs is not None:
            self.stderr.write(f"{differs.table} {differs.row} differs: {differs.reason}")
            raise SystemExit(1)


def _counts(audit: Audit) -> dict[str, Any]:
    return {"checked": audit.checked, "anonymised": audit.anonymised}


def _heads_of(path: str) -> dict[int, tuple[int, str]]:
    """Return the heads of the journal in an earlier output of this command, by chain number.

    :raises CommandError: if the file at `path` is not such an output.
    """
    try:
        heads = json.loads(Path(path).read_text(encoding="utf-8"))["journal"]["heads"]
        return {int(lane): (int(position), str(digest)) for lane, position, digest in heads}
    except (OSError, ValueError, KeyError, TypeError) as error:
        exit_bad_input(f"--since: {path} is not what verify_audit printed ({type(error).__name__})")
