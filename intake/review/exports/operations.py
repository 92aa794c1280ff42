"""Write a shortlist to a file, and record each export with its user, its reason and the file's digest."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import translation

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.errors import ReasonMissingError
from intake.review.access.impartiality import check_impartial
from intake.review.marks.errors import MarksNotSubmittedError
from intake.review.marks.queries import submissions_with_hidden_marks
from intake.review.models import Shortlist, ShortlistExport
from intake.review.shortlists.lines import submissions_on
from offers.models import Offer

from .archive import write_zip
from .csv_file import write_csv
from .errors import UnknownFormatError, UnknownLanguageError
from .pdf_file import write_pdf
from .rows import Row, shortlist_rows
from .xlsx_file import write_xlsx

_CHUNK = 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Export:
    """One written file: its number of submissions, its size in bytes, and its SHA-256 in hexadecimal."""

    offer: Offer
    file_format: str
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Source:
    """The list to write: the offer's current list, or a frozen one. `tick` is called after each submission."""

    offer: Offer
    shortlist: Shortlist | None
    tick: Callable[[], None]

    def rows(self) -> Iterator[Row]:
        for row in shortlist_rows(self.offer, self.shortlist):
            yield row
            self.tick()


_WRITERS: dict[str, Callable[[BinaryIO, _Source], int]] = {
    "xlsx": lambda to, of: write_xlsx(to, of.rows(), offer=of.offer, shortlist=of.shortlist),
    "csv": lambda to, of: write_csv(to, of.rows()),
    "zip": lambda to, of: write_zip(to, offer=of.offer, shortlist=of.shortlist, tick=of.tick),
    "pdf": lambda to, of: write_pdf(to, of.rows(), offer=of.offer, shortlist=of.shortlist),
}
FORMATS = tuple(_WRITERS)
"""The supported formats."""
LANGUAGES = ("fr", "en")
"""Languages of a file's headers and of the portal's own labels. Filed text is not translated."""


@transaction.atomic
def export_shortlist(
    *,
    offer: Offer,
    file_format: str,
    to: BinaryIO,
    actor: User | None,
    shortlist: Shortlist | None = None,
    language: str = "fr",
    reason: str = "",
) -> Export:
    """Write a shortlist of `offer` to `to`, an empty binary file open for reading and writing, and record it.

    `shortlist` is one of the offer's frozen lists, or None for the current list. `file_format` is one of `FORMATS`.
    `language` is one of `LANGUAGES`, independent of the active language. `actor` is None for the command line.
    `reason`, at most 250 characters, is kept in the export history; a user must give one. The same list in the same
    language gives the same bytes for every user.

    :raises ReasonMissingError: if a user gives no reason.
    :raises ReviewError: as `check_export`.
    :raises PermissionDenied: as `check_export`.
    :raises intake.dossiers.render.RenderError: as `write_shortlist`.
    """
    if actor is not None and not reason.strip():
        raise ReasonMissingError
    check_export(offer=offer, file_format=file_format, actor=actor, shortlist=shortlist, language=language)
    rows = write_shortlist(
        offer=offer, file_format=file_format, to=to, shortlist=shortlist, language=language
    )
    size, digest = size_and_digest(to)
    export = Export(offer=offer, file_format=file_format, rows=rows, size=size, sha256=digest)
    record_export(export=export, actor=actor, shortlist=shortlist, language=language, reason=reason)
    return export


def check_export(
    *, offer: Offer, file_format: str, actor: User | None, shortlist: Shortlist | None, language: str
) -> None:
    """Raise unless `actor` may export this list in this form. The arguments are those of `export_shortlist`.

    :raises PermissionDenied: if `actor` may not export shortlists.
    :raises UnknownFormatError: if the format is not one of `FORMATS`.
    :raises UnknownLanguageError: if the language is not one of `LANGUAGES`.
    :raises OwnSubmissionError: if `actor` applied to the offer, shortlisted or not: the error must not reveal which.
    :raises InConflictError: if `actor` has a current conflict of interest on a submission to the offer, shortlisted or
        not: the error must not reveal which.
    :raises MarksNotSubmittedError: if `actor` is on the committee and has yet to mark a file on the list, which
        contains means.
    """
    if actor is not None and not actor.has_perm("submissions.export_shortlist"):
        raise PermissionDenied
    if file_format not in _WRITERS:
        raise UnknownFormatError(file_format=file_format)
    if language not in LANGUAGES:
        raise UnknownLanguageError(language=language)
    if actor is None:
        return
    check_impartial(actor=actor, offer=offer)
    if submissions_with_hidden_marks(user=actor, offer=offer, submissions=submissions_on(offer, shortlist)):
        raise MarksNotSubmittedError


def write_shortlist(
    *,
    offer: Offer,
    file_format: str,
    to: BinaryIO,
    shortlist: Shortlist | None,
    language: str,
    tick: Callable[[], None] = lambda: None,
) -> int:
    """Write a list that `check_export` accepted. Return its number of submissions. `tick` is called after each one.

    :raises intake.dossiers.render.RenderError: if a PDF of that many rows exceeds the limits of its process.
    """
    with translation.override(language):
        return _WRITERS[file_format](to, _Source(offer, shortlist, tick))


def record_export(
    *, export: Export, actor: User | None, shortlist: Shortlist | None, language: str, reason: str
) -> ShortlistExport:
    """Store an export in the export history and in the journal. The rows commit with the caller's transaction."""
    line = ShortlistExport.objects.create(
        offer=export.offer,
        shortlist=shortlist,
        file_format=export.file_format,
        language=language,
        rows_count=export.rows,
        size=export.size,
        sha256=export.sha256,
        reason=" ".join(reason.split()),
        actor=actor,
    )
    named = "" if shortlist is None else f", list {shortlist.number}"
    said = f"rows={export.rows}, bytes={export.size}, sha256:{export.sha256}"
    record(
        actor=actor,
        action="SHORTLIST_EXPORTED",
        subject=export.offer,
        detail=f"{export.file_format}{named}, {said}",
    )
    return line


def size_and_digest(file: BinaryIO) -> tuple[int, str]:
    """Return the size of `file` in bytes and its SHA-256 in hexadecimal; leave it at its start."""
    size = file.seek(0, 2)
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    file.seek(0)
    return size, digest.hexdigest()
