"""What must hold of the files that people sent."""

import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from django.db.models.fields.files import FieldFile

from intake.journal.invariants import StoredInvariant

from .models import Upload

_BATCH_SIZE: Final = 500
_CACHE_SIZE: Final = 4096


def stored_sha256(file: FieldFile) -> str | None:
    """Return the SHA-256, in hexadecimal, of a stored file as it is now; None when the storage has none of that name.

    :raises OSError: when the storage does not answer.
    """
    digest = hashlib.sha256()
    try:
        with file.storage.open(file.name or "", "rb") as stored:
            for chunk in stored.chunks():
                digest.update(chunk)
    except FileNotFoundError:
        return None
    return digest.hexdigest()


def upload_checker() -> Callable[[Upload], bool]:
    """Return what says whether the two files of an upload are those that were accepted.

    A file that several rows name is read once, or nearly. What was erased names no file, and is as it should be.

    :raises OSError: when the storage does not answer.
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
    """Yield the identifier of each upload of which a file is missing or is not the one that was accepted."""
    is_sound = upload_checker()
    for upload in Upload.objects.order_by("pk").iterator(_BATCH_SIZE):
        # One that was let go meanwhile has lost its row too.
        if not is_sound(upload) and Upload.objects.filter(pk=upload.pk).exists():
            yield str(upload.public_id)


FILES: Final = (StoredInvariant("an_uploaded_file_is_the_one_accepted", altered_uploads),)
