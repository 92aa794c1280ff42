"""The pages of a dossier's documents as pictures on which areas are covered, for an anonymous review.

One archive: a JPEG per page, named by the page's number in the dossier. There is nothing in it but pixels.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile

from intake.documents.isolated_process import ProcessTimeoutError, run_isolated
from intake.documents.temp_dirs import temporary_directory
from intake.web.storage import copy_stored

from .models import Dossier
from .page_pictures import Area

_CHILD: Final = "intake.dossiers.child.redact"
_SECONDS: Final = 30
"""Wall clock of the child: less than a delivery of its queue may take."""


class RedactionNotDrawnError(Exception):
    """The child drew nothing: the dossier exceeded its limits, or is no readable PDF."""

    code = "REDACTION_NOT_DRAWN"


def draw_redacted(*, dossier: Dossier, areas: Mapping[int, Sequence[Area]]) -> bytes:
    """Return the archive of the pages that `areas` names, by number from 1, with these areas covered.

    The stored dossier is only read.

    :raises RedactionNotDrawnError: unless each page was drawn.
    :raises OSError: if the storage does not return the dossier.
    """
    with temporary_directory("redaction") as room:
        copy_stored(dossier.file, room / "in.pdf")
        given = {
            number: [[area.left, area.top, area.width, area.height] for area in covered]
            for number, covered in areas.items()
        }
        (room / "areas.json").write_text(json.dumps(given), encoding="utf-8")
        try:
            ended = run_isolated(_CHILD, str(room), room=room, seconds=_SECONDS)
        except ProcessTimeoutError as error:
            raise RedactionNotDrawnError(dossier.number) from error
        packed = BytesIO()
        with ZipFile(packed, "w", ZIP_STORED) as archive:
            for name in map(_name, areas):
                if ended or not (room / name).is_file():
                    raise RedactionNotDrawnError(dossier.number)
                archive.write(room / name, name)
    return packed.getvalue()


def open_redacted(file: FieldFile, number: int) -> ContentFile[bytes]:
    """Return the picture of a page from the archive `file`, as JPEG.

    :raises FileNotFoundError: if the archive, or the page, is missing or damaged.
    """
    try:
        with file.open("rb") as stored, ZipFile(stored) as archive:
            return ContentFile(archive.read(_name(number)))
    except (BadZipFile, KeyError) as error:
        raise FileNotFoundError(number) from error


def extract_redacted(file: FieldFile, numbers: Iterable[int], room: Path) -> list[Path]:
    """Write the pictures of these pages in the folder `room`, and return their paths. Errors as `open_redacted`."""
    try:
        with file.open("rb") as stored, ZipFile(stored) as archive:
            return [Path(archive.extract(_name(number), room)) for number in numbers]
    except (BadZipFile, KeyError) as error:
        raise FileNotFoundError(file.name) from error


def _name(number: int) -> str:
    return f"{number}.jpg"
