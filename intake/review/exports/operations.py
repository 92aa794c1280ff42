"""Write a shortlist to a file, and record each export with its user, its reason and the file's digest."""

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
from intake.review.shortlists.lines import shortlist_lines, submissions_on
from offers.models import Offer

from .archive import write_zip
from .columns import Row, row_of
from .csv_file import write_csv
from .errors import UnknownFormatError, UnknownLanguageError
from .file_check import size_and_digest
from .pdf_file import write_pdf
from .xlsx_file import write_xlsx

FORMATS = ("xlsx", "csv", "zip", "pdf")
LANGUAGES = ("fr", "en")
"""Languages of a file's headers and of the portal's own labels. Filed text is not translated."""


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file of the offer's current list or, if `shortlist` is given, of that frozen list."""

    offer: Offer
    file_format: str
    shortlist: Shortlist | None
    language: str

    def __str__(self) -> str:
        """Return the format and the number of the frozen list, as the journal has them."""
        return (
            self.file_format
            if self.shortlist is None
            else f"{self.file_format}, list {self.shortlist.number}"
        )


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
) -> ShortlistExport:
    """Write a shortlist of `offer` to `to`, an empty binary file open for reading and writing, and record it.

    `shortlist` is one of the offer's frozen lists, or None for the current list. `file_format` is one of `FORMATS`.
    `language` is one of `LANGUAGES`, independent of the active language. `actor` is None for the command line.
    `reason`, at most 250 characters, is kept in the export history; a user must give one. The same list in the same
    language gives the same bytes for every user.

    :raises ReasonMissingError: if a user gives no reason.
    :raises ReviewError, PermissionDenied: as `check_export`.
    :raises intake.dossiers.render.RenderError: as `write_shortlist`.
    """
    if actor is not None and not reason.strip():
        raise ReasonMissingError
    file = ListFile(offer, file_format, shortlist, language)
    check_export(file=file, actor=actor)
    rows = write_shortlist(file=file, to=to)
    size, digest = size_and_digest(to)
    return record_export(file=file, rows=rows, size=size, sha256=digest, actor=actor, reason=reason)


def check_export(*, file: ListFile, actor: User | None) -> None:
    """Raise unless `actor` may export this list in this form; None is the command line.

    :raises PermissionDenied: if `actor` may not export shortlists.
    :raises UnknownFormatError: if the format is not one of `FORMATS`.
    :raises UnknownLanguageError: if the language is not one of `LANGUAGES`.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`, about every submission to the offer, shortlisted
        or not: the error must not reveal which.
    :raises MarksNotSubmittedError: if `actor` is on the committee and has yet to mark a file on the list, which
        contains means.
    """
    if actor is not None and not actor.has_perm("submissions.export_shortlist"):
        raise PermissionDenied
    if file.file_format not in FORMATS:
        raise UnknownFormatError(file_format=file.file_format)
    if file.language not in LANGUAGES:
        raise UnknownLanguageError(language=file.language)
    if actor is None:
        return
    check_impartial(actor=actor, offer=file.offer)
    listed = submissions_on(file.offer, file.shortlist)
    if submissions_with_hidden_marks(user=actor, offer=file.offer, submissions=listed):
        raise MarksNotSubmittedError


def write_shortlist(*, file: ListFile, to: BinaryIO, tick: Callable[[], None] = lambda: None) -> int:
    """Write a list that `check_export` accepted. Return its number of submissions. `tick` is called after each one.

    :raises intake.dossiers.render.RenderError: if a PDF of that many rows exceeds the limits of its process.
    """
    offer, shortlist = file.offer, file.shortlist

    def rows() -> Iterator[Row]:
        for line in shortlist_lines(offer, shortlist):
            yield row_of(line)
            tick()

    with translation.override(file.language):
        match file.file_format:
            case "xlsx":
                return write_xlsx(to, rows(), offer=offer, shortlist=shortlist)
            case "csv":
                return write_csv(to, rows())
            case "zip":
                return write_zip(to, offer=offer, shortlist=shortlist, tick=tick)
            case "pdf":
                return write_pdf(to, rows(), offer=offer, shortlist=shortlist)
            case _:
                raise UnknownFormatError(file_format=file.file_format)


def record_export(
    *, file: ListFile, rows: int, size: int, sha256: str, actor: User | None, reason: str
) -> ShortlistExport:
    """Store an export of `rows` submissions and `size` bytes in the export history and in the journal."""
    export = ShortlistExport.objects.create(
        offer=file.offer,
        shortlist=file.shortlist,
        file_format=file.file_format,
        language=file.language,
        rows_count=rows,
        size=size,
        sha256=sha256,
        reason=" ".join(reason.split()),
        actor=actor,
    )
    record(
        actor=actor,
        action="SHORTLIST_EXPORTED",
        subject=file.offer,
        detail=f"{file}, rows={rows}, bytes={size}, sha256:{sha256}",
    )
    return export
