"""`manage.py verify_log`: is the public log whole, and that of the receipts we keep?"""

import json
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from eligibility.codec import parse
from intake.signing.keys import KeySet, UnreadableKeysError
from intake.signing.own import known_keys
from intake.transparency.auditing import Fault, audit_log
from intake.transparency.checking import ProofRefusedError, Refusal, SignedRoot, check_root

LARGEST_FILE = 64 * 1024 * 1024  # bytes: some hundred thousand roots
_BAD_INPUT = 2


def text_of(path: str) -> str:
    """Return the text of a file given on the command line.

    :raises ArgumentTypeError: when it cannot be read or is too large.
    """
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
    """Compute the log again and name the first row that differs."""

    help = (
        "Compute the whole public log again, with its signatures, beside the receipts; exit 1 naming the first row "
        "that differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--roots",
            type=text_of,
            metavar="FILE",
            help="published roots kept elsewhere: racines.json, or one root per line",
        )
        parser.add_argument(
            "--keys", type=text_of, metavar="FILE", help="published keys, cles.json (our own when not given)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        try:
            keys = known_keys() if options["keys"] is None else KeySet.parse(options["keys"])
        except UnreadableKeysError as error:
            msg = "--keys: no published key can be read there"
            raise CommandError(msg, returncode=_BAD_INPUT) from error
        mirrored, unsigned = ([], 0) if options["roots"] is None else _mirrored_roots(options["roots"], keys)
        audit = audit_log(keys=keys, at=timezone.now(), mirrored=mirrored)
        first = audit.faults[0] if audit.faults else None
        self.stdout.write(
            json.dumps(
                {
                    "leaves": audit.leaves,
                    "roots": audit.roots,
                    "mirrored_roots": len(mirrored),
                    "mirrored_roots_not_ours": unsigned,
                    "faults": len(audit.faults),
                    "first": _fault_json(first) if first else None,
                },
                ensure_ascii=False,
            )
        )
        for fault in audit.faults[:20]:
            self.stderr.write(f"{fault.row}: {fault.kind}" + (f" ({fault.number})" if fault.number else ""))
        if audit.faults or unsigned:
            raise SystemExit(1)


def _fault_json(fault: Fault) -> dict[str, str | None]:
    return {"row": fault.row, "number": fault.number, "fault": fault.kind.value}


def _mirrored_roots(text: str, keys: KeySet) -> tuple[list[SignedRoot], int]:
    """Return the roots of a file that our keys signed, and how many others it holds.

    :raises CommandError: it holds none, or something else.
    """
    roots, unsigned = [], 0
    for document in _documents(text):
        try:
            roots.append(check_root(document, keys))
        except ProofRefusedError as refused:
            if refused.code != Refusal.SIGNATURE:
                msg = "--roots: something there is not a published root"
                raise CommandError(msg, returncode=_BAD_INPUT) from refused
            unsigned += 1
    if not roots and not unsigned:
        msg = "--roots: no published root there"
        raise CommandError(msg, returncode=_BAD_INPUT)
    return roots, unsigned


def _documents(text: str) -> list[Any]:
    try:
        try:
            whole = parse(text)
        except ValueError:
            return [parse(line) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        msg = "--roots: it is not JSON, or gives a member twice"
        raise CommandError(msg, returncode=_BAD_INPUT) from error
    if isinstance(whole, dict) and isinstance(whole.get("roots"), list):
        return list(whole["roots"])
    return whole if isinstance(whole, list) else [whole]
