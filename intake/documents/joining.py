"""Join several accepted files, each turned as its owner wants, into one document; copy a file for another use."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.core.files import File
from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile

from intake.accounts.models import User
from intake.web.storage import copy_stored

from .child.refusal import Reason
from .isolated_process import ProcessTimeoutError, run_isolated
from .models import Upload
from .names import stored_name
from .reasons import UploadRefused
from .temp_dirs import temporary_directory

WALL_SECONDS: Final = 30
"""Time limit of joining. It draws nothing, and takes less than a second."""
TURNS: Final = (0, 90, 180, 270)
_PDF: Final = "application/pdf"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a document. `turned`: degrees clockwise, one of `TURNS`, for all its pages."""

    upload: Upload
    turned: int = 0


def join_uploads(
    *, owner: User, kind: str, parts: Sequence[Part], max_pages: int, max_bytes: int, at: datetime
) -> Upload:
    """Store and return the document made of `parts` in order. The same parts give the same bytes.

    It has no original: its digest and its size are those of the joined PDF, which its owner can download. `at` is the
    aware instant of the request.

    :raises UploadRefused: if it has more than `max_pages` pages or `max_bytes` bytes, or takes too much to join.
    :raises OSError: if the storage does not return a part.
    """
    with temporary_directory("join") as room:
        job = {
            "max_pages": max_pages,
            "parts": [
                {
                    "file": str(copy_stored(part.upload.file, room / f"{rank}.pdf")),
                    "thumbnail": str(copy_stored(part.upload.thumbnail, room / f"{rank}.jpg")),
                    "turned": part.turned,
                }
                for rank, part in enumerate(parts)
            ],
        }
        (room / "job.json").write_text(json.dumps(job), encoding="utf-8")
        pages = _pages_joined(room)
        _refuse_if(pages > max_pages, Reason.TOO_MANY_PAGES, pages=pages, max_pages=max_pages)
        joined = room / "joined.pdf"
        size = joined.stat().st_size
        _refuse_if(size > max_bytes, Reason.TOO_LARGE, size=size, max_bytes=max_bytes)
        digest = hashlib.sha256(joined.read_bytes()).hexdigest()
        upload = Upload(
            owner=owner,
            kind=kind,
            original_name=stored_name(parts[0].upload.original_name, _PDF),
            media_type=_PDF,
            size=size,
            pages=pages,
            sha256=digest,
            clean_sha256=digest,
            neutralised=sorted({code for part in parts for code in part.upload.neutralised}),
            warnings=_warnings(parts),
            created_at=at,
        )
        for field, name in ((upload.file, "joined.pdf"), (upload.thumbnail, "thumbnail.jpg")):
            _save(field, upload, ContentFile((room / name).read_bytes()))
        _save(upload.small_thumbnail, upload, ContentFile((room / "small.jpg").read_bytes()))
    upload.save()
    return upload


def copy_upload(*, upload: Upload, kind: str, at: datetime) -> Upload:
    """Store and return a copy of an upload of the same owner, without its original.

    A copy, because each application keeps its files for its own time. It starts no process. `at` is the aware instant
    of the request.

    :raises OSError: if the storage does not return a file.
    """
    copied = Upload(
        owner=upload.owner,
        kind=kind,
        original_name=upload.original_name,
        media_type=upload.media_type,
        size=upload.size,
        pages=upload.pages,
        sha256=upload.sha256,
        clean_sha256=upload.clean_sha256,
        neutralised=upload.neutralised,
        warnings=upload.warnings,
        created_at=at,
    )
    for field in ("file", "thumbnail", "small_thumbnail"):
        stored: FieldFile = getattr(upload, field)
        if stored:
            with stored.open("rb") as stream:
                _save(getattr(copied, field), copied, File(stream))
    copied.save()
    return copied


def _warnings(parts: Sequence[Part]) -> list[str]:
    """Return the warnings of all parts, with the numbers of their pages in the joined document."""
    found, before = [], 0
    for part in parts:
        for code, _colon, page in (warning.partition(":") for warning in part.upload.warnings):
            found.append(f"{code}:{before + int(page)}")
        before += part.upload.pages
    return found


def _pages_joined(room: Path) -> int:
    try:
        run_isolated("intake.documents.child.join", str(room), room=room, seconds=WALL_SECONDS)
        pages: int = json.loads((room / "result.json").read_bytes())["pages"]
    except ProcessTimeoutError as error:
        raise UploadRefused(Reason.TIMED_OUT, {}) from error
    except (FileNotFoundError, ValueError) as error:  # killed by a limit
        raise UploadRefused(Reason.TOO_COMPLEX, {}) from error
    return pages


def _save(field: FieldFile, upload: Upload, content: File[Any]) -> None:
    extension = ".pdf" if field.field.name == "file" else ".jpg"
    field.save(upload.public_id.hex + extension, content, save=False)


def _refuse_if(refused: bool, code: Reason, **facts: int) -> None:  # noqa: FBT001 -- the condition of a refusal
    if refused:
        raise UploadRefused(code, facts)
