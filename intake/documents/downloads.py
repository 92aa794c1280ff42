"""Send a stored file to the person a view has let in: never by its address, never to be run."""

from typing import Literal

from django.core.files.base import File
from django.http import FileResponse

from .models import Upload
from .names import stored_name

# A file may be shown in a frame of ours and do nothing.
_NOTHING_RUNS = "default-src 'none'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
# Browsers show a PDF in a page of their own, made around it under the file's policy: that page embeds the file and has
# a style. No `sandbox`: they then refuse to show it at all.
_PDF_VIEWER = f"{_NOTHING_RUNS}; object-src 'self'; style-src 'unsafe-inline'"


def file_response(upload: Upload, which: Literal["clean", "thumbnail", "original"] = "clean") -> FileResponse:
    """Return one of an upload's files, after the view has checked that this person may read it.

    The cleaned PDF and the thumbnail are shown in place; the original, which was not cleaned, is only ever saved.

    :raises FileNotFoundError: the storage has lost the file.
    """
    if which == "thumbnail":
        return safe_response(
            upload.thumbnail.open("rb"), stored_name(upload.original_name, "image/jpeg"), "image/jpeg"
        )
    if which == "original":
        return safe_response(
            upload.original.open("rb"), upload.original_name, upload.media_type, as_attachment=True
        )
    return safe_response(
        upload.file.open("rb"), stored_name(upload.original_name, "application/pdf"), "application/pdf"
    )


def safe_response(
    stream: File[bytes], filename: str, media_type: str, *, as_attachment: bool = False
) -> FileResponse:
    """Return `stream` with headers that keep it from being guessed at, run, kept by caches or read by other sites."""
    response = FileResponse(stream, filename=filename, content_type=media_type, as_attachment=as_attachment)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _PDF_VIEWER if media_type == "application/pdf" else _NOTHING_RUNS
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
