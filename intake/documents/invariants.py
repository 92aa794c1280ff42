"""Invariants of the stored uploads."""

import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from django.db.models.fields.files import FieldFile

from intake.journal.invariants import StoredInvariant
from intake.web.batches import read_in_batches

from .models import Upload

_BATCH_SIZE: Final = 500
_CACHE_SIZE: Final = 4096


def stored_sha256(file: FieldFile) -> str | None:
    """Return the SHA-256, in hexadecimal, of a stored file; None if the storage has no file of that name."""
    digest = hashlib.sha256()
    try:
        with file.storage.open(file.name or "", "rb") as stored:
            for chunk in stored.chunks():
                digest.update(chunk)
    except FileNotFoundError:
        return None
    return digest.hexdigest()


def upload_checker() -> Callable[[Upload], bool]:
    """Return a function that is True for an upload whose two files are the accepted ones; an erased one is sound.

    A file named by several rows is read about once (cache of 4,096 names).
    """

    @lru_cache(_CACHE_SIZE)
    def digest_of(name: str) -> str | None:
        return stored_sha256(FieldFile(Upload(), Upload._meta.get_field("file"), name))

    def is_sound(upload: Upload) -> bool:
        return all(
            not file or digest_of(str(file.name)) == digest
            for file, digest in ((upload.original, upload.sha256), (upload.file, upload.clean_sha256))
        )

    return is_sound


def altered_uploads() -> Iterator[str]:
    """Yield the public id of each upload with a file that is missing or differs from the accepted one."""
    is_sound = upload_checker()
    for upload in read_in_batches(Upload.objects.order_by("pk"), size=_BATCH_SIZE):
        # An upload that was discarded concurrently has no row either.
        if not is_sound(upload) and Upload.objects.filter(pk=upload.pk).exists():
            yield str(upload.public_id)


FILES: Final = (StoredInvariant("an_uploaded_file_is_the_one_accepted", altered_uploads),)
