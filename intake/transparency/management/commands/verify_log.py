"""`manage.py verify_log`: verify the public log against itself and against the stored receipts."""

import json
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from intake.base.command_errors import exit_bad_input
from intake.signing.keys import KeySet, UnreadableKeysError
from intake.signing.services import known_keys
from intake.transparency.auditing import audit_log
from intake.transparency.checking import NotPublishedError, ProofRefusedError, PublishedRoots, read_published

LARGEST_FILE = 64 * 1024 * 1024  # bytes: some hundred thousand roots


def text_of(path: str) -> str:
    """Return the text of the file at `path`; raise ArgumentTypeError if it cannot be read or is too large."""
    try:
        file = Path(path)
        if file.stat().st_size > LARGEST_FILE:
            msg = f"{path} is larger than {LARGEST_FILE} bytes"
            raise ArgumentTypeError(msg)
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read: {error}"
        raise ArgumentTypeError(msg) from error


class Command(BaseCommand):
    """Compute the log again and name the first faulty row."""

    help = (
        "Compute the whole public log again, with its signatures, beside the receipts; exit 1 naming the first row "
        "that differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--roots",
            type=text_of,
            metavar="FILE",
            help="published roots kept elsewhere: racines.json, or one root per line; proofs of consistency too",
        )
        parser.add_argument(
            "--keys", type=text_of, metavar="FILE", help="published keys, cles.json (our own when not given)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            keys = known_keys() if options["keys"] is None else KeySet.parse(options["keys"])
        except UnreadableKeysError:
            exit_bad_input("--keys: no published key can be read there")
        kept = PublishedRoots((), 0, 0) if options["roots"] is None else _mirrored(options["roots"], keys)
        audit = audit_log(keys=keys, at=timezone.now(), mirrored=kept.roots)
        first = audit.faults[0] if audit.faults else None
        result = {
            "leaves": audit.leaves,
            "roots": audit.roots,
            "mirrored_roots": len(kept.roots),
            "mirrored_roots_not_ours": kept.unsigned,
            "faults": len(audit.faults),
            "first": first and {"row": first.row, "number": first.number, "fault": first.kind.value},
        }
        self.stdout.write(json.dumps(result))
        for fault in audit.faults[:20]:
            self.stderr.write(f"{fault.row}: {fault.kind}" + (f" ({fault.number})" if fault.number else ""))
        if audit.faults or kept.unsigned:
            raise SystemExit(1)


def _mirrored(text: str, keys: KeySet) -> PublishedRoots:
    try:
        return read_published(text, keys)
    except NotPublishedError as error:
        exit_bad_input(f"--roots: {error}")
    except ProofRefusedError as refused:
        msg = "--roots: a proof there shows that one tree does not begin the other"
        raise CommandError(msg, returncode=1) from refused
