"""What must hold of the files that people sent."""

import hashlib
from collections.abc import Iterator
from typing import Final

from django.db.models.fields.files import FieldFile

from intake.journal.invariants import StoredInvariant

from .models import Upload

_AT_ONCE: Final = 500


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


def altered_uploads() -> Iterator[str]:
    """Yield the identifier of each upload of which a file is missing or is not the one that was accepted.

    A file that several rows name is read once. What was erased names no file.
    """
    read: dict[str, str | None] = {}
    for upload in Upload.objects.order_by("pk").iterator(_AT_ONCE):
        for file, digest in ((upload.original, upload.sha256), (upload.file, upload.clean_sha256)):
            if not file:
                continue
            name = str(file.name)
            if name not in read:
                read[name] = stored_sha256(file)
            # One that was let go meanwhile has lost its row too.
            if read[name] != digest and Upload.objects.filter(pk=upload.pk).exists():
                yield str(upload.public_id)
                break


FILES: Final = (StoredInvariant("an_uploaded_file_is_the_one_accepted", altered_uploads),)
