"""Uploads as the portal stores them, and a scan for the active parts of a PDF."""

import hashlib
import io
import itertools
from datetime import UTC, datetime
from typing import Any

import pikepdf
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from intake.accounts.models import User
from intake.documents.models import Upload
from intake.documents.services import prepare_upload
from intake.documents.temp_dirs import temporary_directory

from .files import pdf_bytes, picture_bytes
from .people import make_user

AT = datetime(2026, 9, 30, 18, 32, 5, tzinfo=UTC)
_serial = itertools.count(1)

_ACTIVE_KEYS = {
    "/JS",
    "/URI",
    "/EF",
    "/XFA",
    "/OpenAction",
    "/RichMediaContent",
    "/Launch",
    "/AcroForm",
    "/Collection",
}
_ACTIONS = {
    f"/{name}"
    for name in (
        *(
            "JavaScript",
            "Launch",
            "URI",
            "GoToR",
            "GoToE",
            "SubmitForm",
            "ImportData",
            "ResetForm",
            "Named",
            "Hide",
        ),
        *("Sound", "Movie", "Rendition", "GoTo3DView", "RichMediaExecute", "SetOCGState", "Thread", "Trans"),
    )
}


def received(content: bytes, name: str = "cv.pdf") -> SimpleUploadedFile:
    """Return a file as a request delivers it."""
    return SimpleUploadedFile(name, content)


def accept(content: bytes, name: str = "cv.pdf", *, max_bytes: int = 10 * 1024 * 1024) -> Upload:
    """Inspect a file and store it as a worker does; return its saved row.

    :raises UploadRefused: if it is not accepted.
    """
    with temporary_directory("upload") as room:
        path = room / "received"
        path.write_bytes(content)
        upload = prepare_upload(
            owner=make_user(),
            kind="CV",
            received=path,
            name=name,
            max_pages=3,
            max_bytes=max_bytes,
            at=AT,
        )
    upload.save()
    return upload


def make_upload(
    owner: User | None = None, *, content: bytes | None = None, pages: int = 1, **fields: Any
) -> Upload:
    """Create an accepted upload without inspection: `content` is its cleaned PDF."""
    clean = pdf_bytes(pages) if content is None else content
    upload = Upload(
        **{
            "owner": owner or make_user(),
            "kind": "CV",
            "original_name": f"cv-{next(_serial)}.pdf",
            "media_type": "application/pdf",
            "size": len(clean) or 1,
            "pages": pages,
            "sha256": hashlib.sha256(clean).hexdigest(),
            "clean_sha256": hashlib.sha256(clean).hexdigest(),
            "created_at": AT,
        }
        | fields
    )
    name = upload.public_id.hex
    upload.original.save(f"{name}.pdf", ContentFile(clean), save=False)
    upload.file.save(f"{name}.pdf", ContentFile(clean), save=False)
    upload.thumbnail.save(f"{name}.jpg", ContentFile(picture_bytes(size=(48, 62))), save=False)
    upload.small_thumbnail.save(f"{name}.jpg", ContentFile(picture_bytes(size=(13, 17))), save=False)
    upload.save()
    return upload


def active_parts(content: bytes) -> list[str]:
    """Return the active parts of a PDF, found by a scan of its own over every object, hidden ones included."""
    found: list[str] = []
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pending: list[Any] = [pdf.trailer, *pdf.objects]
        while pending:
            node = pending.pop()
            if isinstance(node, pikepdf.Array):
                pending += [item for item in node if _is_inside(item)]
            elif isinstance(node, (pikepdf.Dictionary, pikepdf.Stream)):
                found += _active_in(node)
                pending += [item for _key, item in node.items() if _is_inside(item)]
    return found


def _is_inside(item: object) -> bool:
    return isinstance(item, pikepdf.Object) and not item.is_indirect


def _active_in(node: pikepdf.Object) -> list[str]:
    is_font_table = any(
        isinstance(item, pikepdf.Dictionary) and "/BaseFont" in item for _key, item in node.items()
    )
    found = [] if is_font_table else sorted(_ACTIVE_KEYS & set(node.keys()))
    if str(node.get("/S")) in _ACTIONS:
        found.append(f"action {node.S}")
    if node.get("/Type") in {pikepdf.Name.EmbeddedFile, pikepdf.Name.Filespec}:
        found.append(str(node.Type))
    if pikepdf.Name.PS in {node.get("/Subtype"), node.get("/Subtype2")}:
        found.append("/PS")
    if node.get("/Type") == pikepdf.Name.Page and "/Annots" in node:
        found.append("/Annots")
    if not is_font_table and isinstance(node.get("/AA"), pikepdf.Dictionary):
        found.append("/AA")
    if isinstance(node, pikepdf.Stream) and ("/F" in node or "/Ref" in node):
        found.append("external stream")
    return found
