"""`manage.py export_shortlist`: write an offer's shortlist to a file (`docs/contracts.md`)."""

import json
import re
import tempfile
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser

from intake.base.command_errors import exit_bad_input
from intake.dossiers.render import RenderError
from intake.review.exports.columns import SCHEMA
from intake.review.exports.operations import FORMATS, LANGUAGES, export_shortlist
from intake.review.models import LIST_REASON_MAX, Shortlist, ShortlistExport
from offers.models import Offer


class Command(BaseCommand):
    """Write the shortlist to a file, then print one JSON object that describes the file."""

    help = "Writes the shortlist of an offer to a file and prints its rows, bytes and SHA-256 as one JSON object."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--offer", required=True, metavar="NUMBER", help="number of the offer, such as 2027-020"
        )
        # Checked in `_checked_offer`, not by `choices`: an unknown format gives one clear line instead of the usage.
        parser.add_argument("--format", required=True, dest="file_format", help=" or ".join(FORMATS))
        parser.add_argument(
            "--out", required=True, type=Path, metavar="PATH", help="file to write, or to replace"
        )
        parser.add_argument(
            "--list",
            dest="list_number",
            metavar="NUMBER",
            help="number of a frozen list; by default the latest or, if none was frozen, the list as it stands",
        )
        parser.add_argument(
            "--language", default=LANGUAGES[0], help=f"{' or '.join(LANGUAGES)}, of the headers"
        )
        parser.add_argument("--reason", default="", help="why, for the export history")

    def handle(self, *_args: Any, **options: Any) -> None:
        path = options["out"]
        offer = self._checked_offer(options)
        shortlist = _shortlist(offer, options["list_number"])
        try:
            export = _write(
                path,
                offer=offer,
                shortlist=shortlist,
                file_format=options["file_format"],
                language=options["language"],
                reason=options["reason"],
            )
        except OSError as error:
            exit_bad_input(f"--out {str(path)!r} cannot be written: {error.strerror or error}")
        except RenderError as error:
            msg = f"the PDF was not made: {error.code}"
            raise CommandError(msg) from error
        said = "the list as it stands" if shortlist is None else f"frozen list {shortlist.number}"
        self.stderr.write(f"Offer {offer.number}: {said} was written.", style_func=str)
        answer = {
            "offer": offer.number,
            "format": export.file_format,
            "rows": export.rows_count,
            "bytes": export.size,
            "sha256": export.sha256,
            "path": str(path),
            "schema": SCHEMA,
            "list": shortlist.number if shortlist else None,
            "language": options["language"],
        }
        self.stdout.write(json.dumps(answer, ensure_ascii=False))

    def _checked_offer(self, options: dict[str, Any]) -> Offer:
        """Return the offer that `--offer` names, after all options are checked.

        :raises CommandError: if an option is invalid (exit 2).
        """
        path = options["out"]
        if options["file_format"] not in FORMATS:
            exit_bad_input(f"--format is one of {', '.join(FORMATS)}, not {options['file_format']!r}")
        if options["language"] not in LANGUAGES:
            exit_bad_input(f"--language is one of {', '.join(LANGUAGES)}, not {options['language']!r}")
        if len(options["reason"]) > LIST_REASON_MAX:
            exit_bad_input(f"--reason has {len(options['reason'])} characters, more than {LIST_REASON_MAX}")
        offer = Offer.objects.filter(number=options["offer"]).first()
        if offer is None:
            exit_bad_input(f"--offer {options['offer']!r} is not the number of an offer")
        # Do not replace a device or a pipe with a regular file.
        if (path.exists() and not path.is_file()) or not path.parent.is_dir():
            exit_bad_input(f"--out {str(path)!r} is not a file in an existing directory")
        return offer


def _shortlist(offer: Offer, number: str | None) -> Shortlist | None:
    """Return the frozen list with that number. Without a number, return the latest, or None if none was frozen.

    :raises CommandError: if the offer has no such list (exit 2).
    """
    frozen = offer.shortlists.order_by("-number")
    if number is None:
        return frozen.first()
    # Five digits at most: the number is a smallint.
    found = frozen.filter(number=int(number)).first() if re.fullmatch(r"[0-9]{1,5}", number) else None
    if found is None:
        exit_bad_input(f"--list {number!r} is not the number of a frozen list of offer {offer.number}")
    return found


def _write(
    path: Path, *, offer: Offer, shortlist: Shortlist | None, file_format: str, language: str, reason: str
) -> ShortlistExport:
    """Write a temporary file beside `path`, then rename it, so that no reader finds an incomplete list."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        beside = Path(file.name)
        try:
            export = export_shortlist(
                offer=offer,
                file_format=file_format,
                to=cast("BinaryIO", file),
                actor=None,
                shortlist=shortlist,
                language=language,
                reason=reason,
            )
            file.flush()
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    return export
