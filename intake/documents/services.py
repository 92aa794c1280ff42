"""Check a received file, inspect it and store what is made of it; discard an unused upload."""

import hashlib
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, connection, transaction
from django.db.models import RestrictedError

from intake.accounts.models import User

from .child.inspect import sniff
from .child.refusal import Reason
from .inspection import Inspection, inspect_file
from .models import Upload
from .names import EXTENSIONS
from .reasons import UploadRefused
from .temp_dirs import temporary_directory
from .virus_scan import scan_file


def prepare_upload(
    *, owner: User, kind: str, received: Path, name: str, max_pages: int, max_bytes: int, at: datetime
) -> Upload:
    """Inspect the file `received`, which its sender names `name`; return an unsaved row whose files are stored.

    Outside any transaction: it takes seconds. Save the row, or delete its files with `forget_files`; the files of a
    process that was killed in between are found by `reclaiming.reclaim_uploads`.

    :raises UploadRefused: if the file is not accepted.
    """
    scan_file(received)
    with temporary_directory("upload") as made:
        inspection = inspect_file(received, name=name, max_pages=max_pages, max_bytes=max_bytes, into=made)
        if inspection.reason_code is not None:
            raise UploadRefused(inspection.reason_code, inspection.facts)
        with received.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        upload = Upload(
            owner=owner,
            kind=kind,
            original_name=inspection.stored_name,
            media_type=inspection.media_type or "",
            size=received.stat().st_size,
            pages=inspection.pages or 0,
            sha256=sha256,
            neutralised=list(inspection.neutralised),
            warnings=list(inspection.warnings),
            created_at=at,
        )
        _store(upload, received, inspection)
    return upload


def forget_files(*, upload: Upload) -> None:
    """Delete the stored files of a prepared upload that is not saved."""
    for name in _file_names(upload):
        default_storage.delete(name)


def precheck_upload(*, head: bytes, size: int, max_bytes: int) -> None:
    """Raise `UploadRefused` if a file would be refused by its size in bytes or its first bytes, those of its type.

    This saves the candidate time. `head`: at most 4096 bytes; empty if the page did not send them.
    """
    refuse_size(size=size, max_bytes=max_bytes)
    if head and (found := sniff(head)) not in EXTENSIONS:
        raise UploadRefused(Reason.NOT_ACCEPTED_TYPE, {"detected": found})


def refuse_size(*, size: int, max_bytes: int) -> None:
    """Raise `UploadRefused` if a file's size in bytes is zero or more than `max_bytes`."""
    if size == 0:
        raise UploadRefused(Reason.EMPTY, {})
    if size > max_bytes:
        raise UploadRefused(Reason.TOO_LARGE, {"size": size, "max_bytes": max_bytes})


def discard_upload(*, upload: Upload) -> bool:
    """Delete an upload's row and files, unless a row of any table still refers to it; return whether they are deleted.

    The database checks this within the call, so call it outside the transaction that removed the reference. The files
    are deleted after commit: a process killed in between leaves files that `reclaiming.reclaim_uploads` finds.
    """
    names = _file_names(upload)
    try:
        with transaction.atomic():
            Upload.objects.filter(pk=upload.pk).delete()
            connection.check_constraints()  # a concurrent reference raises here, not at commit
    except (RestrictedError, IntegrityError):
        return False
    for name in names:
        transaction.on_commit(partial(default_storage.delete, name), robust=True)
    return True


def _file_names(upload: Upload) -> list[str]:
    files = (upload.original, upload.file, upload.thumbnail, upload.small_thumbnail)
    return [str(file.name) for file in files if file]


def copy_received(uploaded_file: UploadedFile[Any], received: Path, *, max_bytes: int) -> str:
    """Copy the request's file, at most one byte more than the limit; return its SHA-256, in hexadecimal."""
    digest = hashlib.sha256()
    left = max_bytes + 1
    with received.open("wb") as out:
        for chunk in uploaded_file.chunks():
            kept = chunk[:left]
            out.write(kept)
            digest.update(kept)
            left -= len(kept)
            if not left:
                break
    return digest.hexdigest()


def _store(upload: Upload, received: Path, inspection: Inspection) -> None:
    """Write the four files under a random name that reveals nothing about the person."""
    clean, thumbnail, small = (
        inspection.clean_path,
        inspection.thumbnail_path,
        inspection.small_thumbnail_path,
    )
    if clean is None or thumbnail is None or small is None or inspection.media_type is None:
        message = "an accepted file has a cleaned PDF, two thumbnails and a media type"
        raise ValueError(message)
    name = upload.public_id.hex
    with clean.open("rb") as stream:
        upload.clean_sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    for field, extension, path in (
        (upload.original, EXTENSIONS[inspection.media_type], received),
        (upload.file, ".pdf", clean),
        (upload.thumbnail, ".jpg", thumbnail),
        (upload.small_thumbnail, ".jpg", small),
    ):
        with path.open("rb") as stream:
            field.save(name + extension, File(stream), save=False)
