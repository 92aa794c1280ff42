"""Accept an uploaded file (check it, inspect it, store it), and discard an unused upload."""

import hashlib
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, connection, transaction
from django.db.models import RestrictedError

from intake.accounts.models import User
from intake.outbox.services import post

from .child.refusal import Reason
from .inspection import Inspection, inspect_file
from .models import Upload
from .names import EXTENSIONS
from .reasons import UploadRefused, explain
from .temp_dirs import temporary_directory

RECLAIM = "UPLOADS_RECLAIM"  # the job that deletes unused files; its key is a day

_FAMILIES = {
    "OFFICE": "doc docx docm dot dotx odt rtf pages wpd xls xlsx ods numbers csv ppt pptx odp key",
    "ZIP": "zip 7z rar gz tar bz2 xz",
    "IMAGE": "gif bmp tif tiff webp svg jp2 psd",
    "PHONE_IMAGE": "heic heif avif",
    "WEB": "htm html mhtml webarchive",
    "PROGRAM": "exe msi app dmg apk bat cmd com sh ps1 js jar",
    "OTHER": "txt md tex epub mobi xps mp3 mp4 mov avi m4a wav eml msg",
}
_BY_EXTENSION = {extension: family for family, names in _FAMILIES.items() for extension in names.split()}


def accept_upload(
    *, owner: User, kind: str, uploaded_file: UploadedFile[Any], max_pages: int, max_bytes: int, at: datetime
) -> Upload:
    """Inspect a file in a child process and store the original, its cleaned PDF and its thumbnails.

    A file larger than `max_bytes` is refused unread. `at` is the aware instant of the request. The row is saved in the
    caller's transaction; a rollback leaves its files without a row. The first file of each day (UTC) posts the job that
    deletes unused files.

    :raises UploadRefused: if the file is not accepted.
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
            warnings=list(inspection.warnings),
            created_at=at,
        )
        _store(upload, received, inspection)
        with transaction.atomic():
            upload.save()
            post(kind=RECLAIM, key=f"{at:%Y-%m-%d}", subject="uploads")
    return upload


def precheck_upload(*, name: str, size: int, max_bytes: int) -> None:
    """Raise `UploadRefused` if a file would be refused by its declared name and size in bytes.

    This saves the candidate time. A missing or unknown extension passes: the content decides.
    """
    refuse_size(size=size, max_bytes=max_bytes)
    family = _BY_EXTENSION.get(PurePath(name).suffix.lower().removeprefix("."))
    if family is not None:
        raise UploadRefused(Reason.NOT_ACCEPTED_TYPE, explain(Reason.NOT_ACCEPTED_TYPE, {"detected": family}))


def refuse_size(*, size: int, max_bytes: int) -> None:
    """Raise `UploadRefused` if a file's size in bytes is zero or more than `max_bytes`."""
    if size == 0:
        raise UploadRefused(Reason.EMPTY, explain(Reason.EMPTY, {}))
    if size > max_bytes:
        facts = {"size": size, "max_bytes": max_bytes}
        raise UploadRefused(Reason.TOO_LARGE, explain(Reason.TOO_LARGE, facts))


def discard_upload(*, upload: Upload) -> bool:
    """Delete an upload's row and files, unless a row of any table still refers to it; return whether they are deleted.

    The database checks this within the call, so call it outside the transaction that removed the reference. The files
    are deleted after commit: a process killed in between leaves files that `reclaiming.reclaim_uploads` finds.
    """
    files = (upload.original, upload.file, upload.thumbnail, upload.small_thumbnail)
    names = [str(file.name) for file in files if file]
    try:
        with transaction.atomic():
            Upload.objects.filter(pk=upload.pk).delete()
            connection.check_constraints()  # a concurrent reference raises here, not at commit
    except (RestrictedError, IntegrityError):
        return False
    for name in names:
        transaction.on_commit(partial(default_storage.delete, name), robust=True)
    return True


def _receive(uploaded_file: UploadedFile[Any], received: Path, max_bytes: int) -> str:
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
