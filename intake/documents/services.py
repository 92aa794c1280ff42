"""Take a file from a person: inspect it, keep what was received and what will be read; let go of what nobody uses."""

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
from intake.outbox.services import post

from .child.refusal import Reason
from .errors import UploadRefused
from .inspection import Inspection, inspect_file
from .kinds import RECLAIM
from .models import Upload
from .names import EXTENSIONS
from .reasons import explain
from .temp_dirs import temporary_directory


def accept_upload(
    *, owner: User, kind: str, uploaded_file: UploadedFile[Any], max_pages: int, max_bytes: int, at: datetime
) -> Upload:
    """Inspect a file in a child process and keep it: the original, its cleaned PDF, the picture of its first page.

    A file larger than `max_bytes` is refused unread, and no more is read whatever the request says. `at` is the aware
    instant of the request. The row is saved in the caller's transaction; files written before a rollback are orphans,
    named after no row. The first file of each day (UTC) has what nobody uses any more reclaimed, by a worker.

    :raises UploadRefused: the file is not one we take.
    """
    refuse_size(size=uploaded_file.size or 0, max_bytes=max_bytes)
    with temporary_directory("upload") as room:
        received = room / "received"
        sha256 = _receive(uploaded_file, received, max_bytes)
        made = room / "made"
        made.mkdir()
        inspection = inspect_file(
            received, name=uploaded_file.name or "", max_pages=max_pages, max_bytes=max_bytes, into=made
        )
        if inspection.reason_code is not None:
            raise UploadRefused(inspection.reason_code, inspection.reason)
        upload = Upload(
            owner=owner,
            kind=kind,
            original_name=inspection.stored_name,
            media_type=inspection.media_type or "",
            size=received.stat().st_size,
            pages=inspection.pages or 0,
            sha256=sha256,
            neutralised=list(inspection.neutralised),
            created_at=at,
        )
        _store(upload, received, inspection)
        with transaction.atomic():
            upload.save()
            post(kind=RECLAIM, key=f"{at:%Y-%m-%d}", subject="uploads")
    return upload


def refuse_size(*, size: int, max_bytes: int) -> None:
    """Refuse a file by its size alone, in bytes: nothing, or more than `max_bytes`.

    :raises UploadRefused: in the words that its inspection would use.
    """
    if size == 0:
        raise UploadRefused(Reason.EMPTY, explain(Reason.EMPTY, {}))
    if size > max_bytes:
        facts = {"size": size, "max_bytes": max_bytes}
        raise UploadRefused(Reason.TOO_LARGE, explain(Reason.TOO_LARGE, facts))


def discard_upload(*, upload: Upload) -> bool:
    """Delete a file and its row, unless something still refers to it; say whether it is gone.

    Whatever holds a foreign key to the row keeps it: a draft, a filing, or a table that this room has never heard of.
    The database judges, in this very call, so it is made outside the transaction that let go of the file. The row goes
    first, its three files after the commit: killed in between, it leaves files named after no row, which
    `reclaiming.reclaim_uploads` finds.
    """
    names = [str(field.name) for field in (upload.original, upload.file, upload.thumbnail)]
    try:
        with transaction.atomic():
            Upload.objects.filter(pk=upload.pk).delete()
            connection.check_constraints()  # a reference written meanwhile is refused here, not at the end
    except (RestrictedError, IntegrityError):
        return False
    for name in names:
        transaction.on_commit(partial(default_storage.delete, name), robust=True)
    return True


def _receive(uploaded_file: UploadedFile[Any], received: Path, max_bytes: int) -> str:
    """Copy the request's file, one byte past the limit at most; return its SHA-256, in hexadecimal."""
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
    """Write the three files under a name that nobody can guess and that says nothing of the person."""
    if inspection.clean_path is None or inspection.thumbnail_path is None or inspection.media_type is None:
        message = "an accepted file has a cleaned PDF, a thumbnail and a media type"
        raise ValueError(message)
    name = upload.public_id.hex
    with inspection.clean_path.open("rb") as stream:
        upload.clean_sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    for field, extension, path in (
        (upload.original, EXTENSIONS[inspection.media_type], received),
        (upload.file, ".pdf", inspection.clean_path),
        (upload.thumbnail, ".jpg", inspection.thumbnail_path),
    ):
        with path.open("rb") as stream:
            field.save(name + extension, File(stream), save=False)
