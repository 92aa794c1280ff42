"""A copy of a person's data as a ZIP: the JSON export, a PDF to read, their dossiers and receipts, their documents.

The archive is written while it is sent: one block of a file is in memory at a time. Only what the person supplied or
received is in it, as in the JSON export: no mark, no note, no decision.
"""

import json
import logging
from collections.abc import Callable, Iterator
from io import RawIOBase
from typing import Any, Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.core.files.base import File
from django.utils.translation import gettext as _

from intake.accounts.models import User
from intake.documents.models import Upload
from intake.dossiers.models import Dossier, SignedReceipt
from intake.dossiers.render import RenderError, render_html
from intake.dossiers.storage import open_complete_file
from intake.review.exports.archive import NAME_MAX, safe_name
from intake.submissions.models import Filing

logger = logging.getLogger(__name__)

JSON_NAME: Final = "mes-renseignements.json"
PDF_NAME: Final = "mes-renseignements.pdf"
MISSING_NAME: Final = "FICHIERS-MANQUANTS.txt"
_BLOCK: Final = 64 * 1024  # bytes

type _Member = tuple[str, Callable[[], File[Any]]]


class _Sink(RawIOBase):
    """File that `ZipFile` writes to, emptied by `take`: it cannot seek, so sizes follow each member."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Any, /) -> int:
        """Keep the bytes of `data`."""
        self._written += data
        return len(data)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        taken, self._written = bytes(self._written), bytearray()
        return taken


def archive_of(person: User, data: dict[str, Any], page: str) -> Iterator[bytes]:
    """Return the archive of `person`, with `data` as its JSON export and `page`, HTML, as its PDF, block by block.

    A file that the storage lost is named in the last member, which is always there, and is empty if none is missing.
    It also says if the PDF could not be drawn.
    """
    # In the language of the request: the blocks are written after it.
    without_pdf = _(
        "Le PDF %(name)s n’est pas prêt. Téléchargez cette copie de nouveau dans quelques minutes."
    )
    return _blocks(_members(person), data, page, without_pdf % {"name": PDF_NAME})


def _blocks(members: list[_Member], data: dict[str, Any], page: str, without_pdf: str) -> Iterator[bytes]:
    sink, missing = _Sink(), []
    with ZipFile(sink, "w", ZIP_STORED) as archive:
        archive.writestr(_info(JSON_NAME), json.dumps(data, ensure_ascii=False, indent=2))
        yield sink.take()
        try:
            archive.writestr(_info(PDF_NAME), render_html(page))
        except (RenderError, OSError):
            logger.exception("the PDF of an own-data archive cannot be drawn")
            missing.append(without_pdf)
        yield sink.take()
        for name, opened in members:
            try:
                source = opened()
            except OSError:
                logger.exception("a file of an own-data archive cannot be read")
                missing.append(name)
                continue
            with source, archive.open(_info(name), "w", force_zip64=True) as member:
                while block := source.read(_BLOCK):
                    member.write(block)
                    yield sink.take()
        archive.writestr(_info(MISSING_NAME), "".join(f"{name}\n" for name in missing))
    yield sink.take()


def _members(person: User) -> list[_Member]:
    """Return the name of each file and how to open it. Three queries."""
    filings = Filing.objects.filter(submission__candidate=person).order_by("pk")
    dossiers = Dossier.objects.filter(seal__filing__in=filings).order_by("number")
    receipts = SignedReceipt.objects.filter(seal__filing__in=filings).order_by("number")
    uploads = Upload.objects.filter(owner=person).order_by("created_at", "pk")
    return [
        *((f"depots/{row.number}_dossier.pdf", _opener(row)) for row in dossiers),
        *((f"depots/{row.number}_accuse.pdf", _opener(row)) for row in receipts),
        *((_document_name(rank, row), row.file.open) for rank, row in enumerate(uploads, start=1)),
    ]


def _opener(made: Dossier | SignedReceipt) -> Callable[[], File[Any]]:
    return lambda: open_complete_file(made)


def _document_name(rank: int, upload: Upload) -> str:
    """Return a name that is unique by its rank: people give two files the same name."""
    stem = upload.original_name.rpartition(".")[0] or upload.original_name
    folder = "documents/"
    return folder + safe_name(f"{rank:02d}", upload.kind, stem, suffix=".pdf", room=NAME_MAX - len(folder))


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name)
    info.external_attr = 0o644 << 16
    return info
