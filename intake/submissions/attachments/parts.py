"""Files of a document that is made of several: in order, turned. Files of other applications, used again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from intake.accounts.models import User
from intake.documents.child.refusal import Reason
from intake.documents.joining import Part, copy_upload
from intake.documents.models import Upload
from intake.documents.reasons import UploadRefused
from intake.documents.services import discard_upload
from intake.submissions.models import Draft, DraftDocument, FiledDocument, Submission
from offers.models import DocumentRequest

from .operations import attach_document, attach_parts, remove_document

QUARTER = 90


def parts_of(document: DraftDocument) -> list[Part]:
    """Return the files of a document in order: those that it is joined from, or its only one."""
    rows = document.parts.select_related("upload").order_by("position")
    return [Part(row.upload, row.turned) for row in rows] or [Part(document.upload)]


def moved(parts: Sequence[Part], index: int, by: int) -> list[Part]:
    """Return `parts` with the one at `index` moved by `by` places, at most to an end."""
    changed = list(parts)
    changed.insert(max(index + by, 0), changed.pop(index))
    return changed


def turned(parts: Sequence[Part], index: int, degrees: int) -> list[Part]:
    """Return `parts` with the one at `index` turned clockwise by `degrees` more."""
    changed = list(parts)
    part = changed[index]
    changed[index] = Part(part.upload, (part.turned + degrees) % 360)
    return changed


def change_parts(
    *,
    draft: Draft,
    request: DocumentRequest,
    parts: Sequence[Part],
    actor: User,
    seen: str | None,
    received_at: datetime | None = None,
) -> DraftDocument | None:
    """Make `parts` the draft's document for `request`; remove it if there are none.

    A file that is not turned is the document at once. Else a worker joins them: see `joining`. `seen` and `received_at`
    are as for `attach_document`.

    :raises UploadRefused: if the document would have more pages than `request` allows.
    :raises PortalError: as `attach_document`; the document then stays as it is.
    """
    if not parts:
        remove_document(draft=draft, request=request, actor=actor)
        return None
    if len(parts) == 1 and parts[0].turned == 0:
        return attach_document(
            draft=draft,
            request=request,
            upload=parts[0].upload,
            actor=actor,
            seen=seen,
            received_at=received_at,
        )
    pages = sum(part.upload.pages for part in parts)
    if pages > request.max_pages:
        raise UploadRefused(Reason.TOO_MANY_PAGES, {"pages": pages, "max_pages": request.max_pages})
    return attach_parts(
        draft=draft, request=request, parts=parts, actor=actor, seen=seen, received_at=received_at
    )


@dataclass(frozen=True, slots=True)
class ReusableFile:
    """A file that the candidate gave to another application, with that offer's number and document label."""

    upload: Upload
    offer_number: str
    label: str


def reusable_files(submission: Submission, request: DocumentRequest) -> list[ReusableFile]:
    """Return the files of the candidate's other applications that fit `request`, once each, newest first. Two queries.

    Files of the same kind of document come first.
    """
    fitting = Q(
        upload__owner=submission.candidate_id,
        upload__file__gt="",
        upload__pages__lte=request.max_pages,
        upload__size__lte=request.max_bytes,
    )
    drafted = DraftDocument.objects.filter(fitting, joined=DraftDocument.Join.CURRENT).exclude(
        draft__submission=submission
    )
    filed = FiledDocument.objects.filter(fitting).exclude(filing__submission=submission)
    rows: list[DraftDocument | FiledDocument] = [
        *drafted.select_related("upload", "request__offer"),
        *filed.select_related("upload", "request__offer"),
    ]
    rows.sort(key=lambda row: (row.request.kind == request.kind, row.upload.created_at), reverse=True)
    files: dict[str, ReusableFile] = {}
    for row in rows:
        file = ReusableFile(row.upload, row.request.offer.number or "", row.request.label)
        files.setdefault(row.upload.sha256, file)
    return list(files.values())


def reuse_file(
    *, draft: Draft, request: DocumentRequest, file: ReusableFile, actor: User, seen: str, at: datetime
) -> DraftDocument:
    """Copy a file of another application, and make the copy the draft's document for `request`.

    `seen` is as for `attach_document`; `at` is the aware instant of the request.

    :raises OSError: if the storage does not return the file.
    :raises PortalError: as `attach_document`; the document then stays as it is.
    """
    copied = copy_upload(upload=file.upload, kind=request.kind, at=at)
    try:
        return attach_document(draft=draft, request=request, upload=copied, actor=actor, seen=seen)
    finally:
        discard_upload(upload=copied)  # unless the draft has it
