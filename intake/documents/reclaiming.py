"""Delete unused files: stored files without a row, rows without a reference, and originals that are needed no more.

Causes: a process killed between two writes, a response that failed after its files were written, a discarded draft.
Recent files are kept, because a file is written before its row and accepted before its draft refers to it.
"""

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, ForeignObjectRel, Model, OuterRef, Q, QuerySet

from intake.outbox.models import Delivery
from intake.web.batches import read_in_batches
from intake.web.storage import PARTIAL_FOLDER

from .models import Upload
from .services import discard_upload
from .temp_dirs import remove_stale_directories

logger = logging.getLogger(__name__)

MIN_AGE: Final = timedelta(days=1)
"""Minimum age of a deleted file: no request lasts, and no clock is late by, a day."""

RECLAIM: Final = "UPLOADS_RECLAIM"
"""Kind of the daily job that deletes unused files."""

_fields: Final[list[tuple[type[Model], str]]] = [
    (Upload, "original"),
    (Upload, "file"),
    (Upload, "thumbnail"),
    (Upload, "small_thumbnail"),
]
_BATCH_SIZE: Final = 500  # names looked up, or rows read, in one query


def register_stored_field(model: type[Model], field: str) -> None:
    """Register a field that names stored files: those in the folder of its `upload_to` that it names are kept."""
    if (model, field) not in _fields:
        _fields.append((model, field))


@dataclass(frozen=True, slots=True)
class Reclaimed:
    """Numbers of deleted rows and of deleted files without a row."""

    uploads: int
    files: int


def orphan_uploads(*, before: datetime) -> QuerySet[Upload]:
    """Return the uploads accepted before `before` (aware) to which no row of any table refers."""
    unused = Upload.objects.filter(created_at__lt=before)
    for relation in Upload._meta.get_fields(include_hidden=True):  # hidden: without a reverse accessor
        if isinstance(relation, ForeignObjectRel):
            rows: QuerySet[Any] = relation.related_model._base_manager.all()  # noqa: SLF001 -- Django's own deletion uses it
            unused = unused.exclude(Exists(rows.filter(**{relation.field.name: OuterRef("pk")})))
    return unused


def orphan_files(*, before: datetime) -> Iterator[str]:
    """Yield the names of stored files, written before `before` (aware), that no row names; also partial files.

    A bucket answers one request per 1,000 files, and one per file that no row names.
    """
    for name in _files_in(PARTIAL_FOLDER):
        if _is_older(path := f"{PARTIAL_FOLDER}/{name}", before):
            yield path
    for folder, fields in _fields_by_folder().items():
        for names in batched(_files_in(folder), _BATCH_SIZE):
            unnamed = {f"{folder}/{name}" for name in names}
            for model, field in fields:
                rows: QuerySet[Any] = model._base_manager.filter(Q(**{f"{field}__in": unnamed}))  # noqa: SLF001 -- Django's own deletion uses it
                unnamed.difference_update(rows.values_list(field, flat=True))
            yield from (path for path in sorted(unnamed) if _is_older(path, before))


def _fields_by_folder() -> dict[str, list[tuple[type[Model], str]]]:
    folders: dict[str, list[tuple[type[Model], str]]] = {}
    for model, field in _fields:
        folder = str(model._meta.get_field(field).upload_to)  # type: ignore[union-attr]  # -- a FileField
        folders.setdefault(folder, []).append((model, field))
    return folders


def _files_in(folder: str) -> list[str]:
    try:
        return sorted(default_storage.listdir(folder)[1])
    except FileNotFoundError:
        return []  # no file was stored there yet


def _is_older(path: str, before: datetime) -> bool:
    try:
        return default_storage.get_modified_time(path) < before
    except FileNotFoundError:
        return False  # deleted concurrently by another process


def reclaim_uploads(*, before: datetime) -> Reclaimed:
    """Delete what has been unused since before `before` (aware); return the numbers. May run concurrently."""
    orphans = read_in_batches(orphan_uploads(before=before), size=_BATCH_SIZE)
    discarded = sum(discard_upload(upload=upload) for upload in orphans)
    files = 0
    for path in orphan_files(before=before):
        default_storage.delete(path)
        files += 1
    return Reclaimed(uploads=discarded, files=files)


def erase_originals(*, uploads: QuerySet[Upload], at_most: int) -> int:
    """Erase the received bytes of up to `at_most` of `uploads`, the oldest first; return how many were erased.

    The file is deleted before its row says so, so that no row claims an erasure that did not happen: after a kill in
    between, the next call erases again. May run concurrently: a row that another process erases is left to it.

    :raises OSError: if the storage does not respond; the rows done before that stay done.
    """
    erased = 0
    for key in uploads.exclude(original="").order_by("pk").values_list("pk", flat=True)[:at_most]:
        with transaction.atomic():
            upload = Upload.objects.select_for_update(skip_locked=True).filter(pk=key).first()
            if upload is None or not upload.original:
                continue
            with suppress(FileNotFoundError):
                default_storage.delete(str(upload.original.name))
            Upload.objects.filter(pk=key).update(original="")
        erased += 1
    return erased


def reclaim(_delivery: Delivery, at: datetime) -> None:
    """Delete uploads unused for a day at `at` (aware), and this machine's stale temporary directories."""
    remove_stale_directories()
    reclaimed = reclaim_uploads(before=at - MIN_AGE)
    logger.info("uploads_reclaimed uploads=%d files=%d", reclaimed.uploads, reclaimed.files)
