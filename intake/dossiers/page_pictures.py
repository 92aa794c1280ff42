"""Pictures of a dossier's pages with their text, for the page on which its readers verify and mark it.

One stored archive per dossier: `1.webp`, `2.webp`…, `text.json` and `words.json`. It can be made again at any time: the
dossier is what was filed, this is how a screen shows it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from django.core.files.base import ContentFile
from django.db import transaction

from intake.documents.isolated_process import ProcessTimeoutError, run_isolated
from intake.documents.temp_dirs import temporary_directory
from intake.web.storage import copy_stored

from .models import Dossier, PagePictures

_SECONDS: Final = 30
"""Wall clock of the child: less than a delivery of its queue may take."""
_CHILD: Final = "intake.dossiers.child.page_pictures"
_TEXT: Final = "text.json"
_WORDS: Final = "words.json"


class PicturesNotDrawnError(Exception):
    """The child drew nothing: the dossier exceeded its limits, or is no readable PDF."""

    code = "PICTURES_NOT_DRAWN"


@dataclass(frozen=True, slots=True)
class TextLine:
    """A piece of text and its box from the top left of the page, in points."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class PageText:
    """The size of one page, in points, and its text. `number` is from 1."""

    number: int
    width: float
    height: float
    lines: tuple[TextLine, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a page from its top left, in per cent of its width and height as it is shown."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PageContent:
    """Where the words and the pictures of one page are. A scanned page has no word."""

    words: tuple[tuple[str, Area], ...]
    pictures: tuple[Area, ...]


def draw_pages(*, dossier: Dossier, at: datetime) -> None:
    """Draw the pages of `dossier` and store them. Idempotent: pages of the same file are not drawn again.

    :raises PicturesNotDrawnError: if the child drew nothing.
    :raises OSError: if the storage does not return the dossier.
    """
    made = PagePictures.objects.filter(dossier=dossier, sha256=dossier.sha256).first()
    if made is not None and made.file.storage.exists(str(made.file.name)):
        return
    with temporary_directory("pages") as room:
        copy_stored(dossier.file, room / "in.pdf")
        try:
            ended = run_isolated(_CHILD, str(room), room=room, seconds=_SECONDS)
        except ProcessTimeoutError as error:
            raise PicturesNotDrawnError(dossier.number) from error
        if ended or not (room / _TEXT).is_file():
            raise PicturesNotDrawnError(dossier.number)
        packed = BytesIO()
        with ZipFile(packed, "w", ZIP_STORED) as archive:
            for path in (*sorted(room.glob("*.webp")), room / _TEXT, room / _WORDS):
                archive.write(path, path.name)
    _store(dossier, packed.getvalue(), at)


@transaction.atomic
def _store(dossier: Dossier, content: bytes, at: datetime) -> None:
    # Under the lock: an erasure meanwhile has emptied the name of the file, or waits and finds the row.
    current = Dossier.objects.select_for_update().get(pk=dossier.pk)
    if current.sha256 != dossier.sha256 or not current.file:
        return
    made = PagePictures.objects.filter(dossier=current).first() or PagePictures(dossier=current)
    made.sha256, made.built_at = current.sha256, at
    name = f"{current.number}.zip"
    # Left by a killed worker, or drawn of an earlier file.
    made.file.storage.delete(f"{made.file.field.upload_to}/{name}")
    made.file.save(name, ContentFile(content), save=False)
    made.save()


def read_pages(dossier: Dossier) -> dict[int, PageText] | None:
    """Return the drawn pages of `dossier` by number; None if they are not drawn yet, or were lost."""
    try:
        pages = _read(dossier, _TEXT)
    except (FileNotFoundError, KeyError, ValueError):
        return None
    return {
        number: PageText(
            number, page["width"], page["height"], tuple(TextLine(*line) for line in page["lines"])
        )
        for number, page in enumerate(pages, start=1)
        if page is not None
    }


def read_content(dossier: Dossier) -> dict[int, PageContent] | None:
    """Return where the words and pictures of each drawn page are, by number; None as `read_pages`."""
    try:
        pages = _read(dossier, _WORDS)
    except (FileNotFoundError, KeyError, ValueError):
        return None
    return {
        number: PageContent(
            words=tuple((word, _area(page, *box)) for *box, word in page["words"]),
            pictures=tuple(_area(page, *box) for box in page["pictures"]),
        )
        for number, page in enumerate(pages, start=1)
        if page is not None
    }


def _area(page: dict[str, Any], x: float, y: float, width: float, height: float) -> Area:
    across, down = 100 / page["width"], 100 / page["height"]
    return Area(x * across, y * down, width * across, height * down)


def _read(dossier: Dossier, name: str) -> list[dict[str, Any] | None]:
    with _archive_of(dossier) as archive:
        pages: list[dict[str, Any] | None] = json.loads(archive.read(name))["pages"]
    return pages


def open_picture(dossier: Dossier, number: int) -> ContentFile[bytes]:
    """Return the picture of a page, as WebP.

    :raises FileNotFoundError: if it is not drawn, or was lost.
    """
    with _archive_of(dossier) as archive:
        try:
            return ContentFile(archive.read(f"{number}.webp"))
        except KeyError as error:
            raise FileNotFoundError(number) from error


@contextmanager
def _archive_of(dossier: Dossier) -> Iterator[ZipFile]:
    made = PagePictures.objects.filter(dossier=dossier, sha256=dossier.sha256).first()
    if made is None or not made.file:
        raise FileNotFoundError(dossier.number)
    try:
        with made.file.open("rb") as file, ZipFile(file) as archive:
            yield archive
    except BadZipFile as error:
        raise FileNotFoundError(dossier.number) from error
