"""Send a stored file to a user whom a view has authorised: never by a public URL, never to be executed."""

from typing import Literal

from django.core.files.base import File
from django.http import FileResponse

from .models import Upload
from .names import stored_name

type StoredFile = Literal["clean", "thumbnail", "small_thumbnail"]
# A page of the portal may show a file in a frame; the file runs nothing.
_NOTHING_RUNS = "default-src 'none'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
# Some browsers wrap a PDF in a page of their own, under the file's policy: that page embeds the file. No `sandbox`:
# with it, browsers do not show the file at all.
_PDF_VIEWER = f"{_NOTHING_RUNS}; object-src 'self'"


def file_response(upload: Upload, which: StoredFile = "clean") -> FileResponse:
    """Return the cleaned PDF of an upload, or a thumbnail of it. The view must have checked that the user may read it.

    What was received is never served: it was not cleaned. An upload without a small thumbnail has its thumbnail.

    :raises FileNotFoundError: if the storage has no such file.
    """
    media_type, file = "application/pdf", upload.file
    if which in {"thumbnail", "small_thumbnail"}:
        small = upload.small_thumbnail if which == "small_thumbnail" else None
        media_type, file = "image/jpeg", small or upload.thumbnail
    return safe_response(file.open("rb"), stored_name(upload.original_name, media_type), media_type)


def safe_response(
    stream: File[bytes], filename: str, media_type: str, *, as_attachment: bool = False
) -> FileResponse:
    """Return `stream` with headers against sniffing, execution, caching, and reads by other sites."""
    response = FileResponse(stream, filename=filename, content_type=media_type, as_attachment=as_attachment)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _PDF_VIEWER if media_type == "application/pdf" else _NOTHING_RUNS
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
