"""Attach a document to a draft, or the files to join into it; or remove it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import uuid4

from django.db import transaction

from intake.accounts.models import User
from intake.documents.joining import Part
from intake.documents.models import Upload
from intake.documents.services import discard_upload
from intake.journal.services import record
from intake.outbox.models import Delivery
from intake.outbox.selectors import deliveries_for
from intake.outbox.services import post
from intake.submissions.complements.scope import OutOfScopeChangeError
from intake.submissions.delivery_kinds import JOIN
from intake.submissions.drafts.operations import save_next_version, scope_of_changes
from intake.submissions.lifecycle.errors import StaleDraftError
from intake.submissions.lifecycle.locks import lock_open_draft
from intake.submissions.models import DocumentPart, Draft, DraftDocument, Submission
from offers.models import DocumentRequest


@transaction.atomic
def attach_document(
    *,
    draft: Draft,
    request: DocumentRequest,
    upload: Upload,
    actor: User,
    seen: str | None = None,
    received_at: datetime | None = None,
) -> DraftDocument:
    """Make `upload` the draft's document for `request`; discard the replaced uploads if nothing else uses them.

    `seen`: `DraftDocument.seen` of the displayed document, empty for none; None skips that check. If the current upload
    has the same bytes, nothing changes: its document is returned, and the caller discards `upload`. `received_at`:
    instant at which the database received the file, which must be in time; by default, that of this transaction.

    :raises DraftClosedError: if the draft was filed or discarded concurrently.
    :raises OfferNotOpenError: if the filing window is over.
    :raises OutOfScopeChangeError: if only a complement may be filed, and the document is out of its scope.
    :raises StaleDraftError: if the current document is not the one in `seen`.
    :raises ValueError: if `request` belongs to another offer, or `upload` to another user.
    """
    locked = _lock_document(draft, request, [upload], received_at)
    if locked.current is not None and locked.current.digest == upload.sha256:
        return locked.current
    return _replace(locked, request, actor, seen, upload=upload)


@transaction.atomic
def attach_parts(
    *,
    draft: Draft,
    request: DocumentRequest,
    parts: Sequence[Part],
    actor: User,
    seen: str | None = None,
    received_at: datetime | None = None,
) -> DraftDocument:
    """Make `parts`, in order, those of the draft's document for `request`, and post the job that joins them.

    Until it is done the document keeps its upload, which may not be filed. Other arguments and errors are those of
    `attach_document`.
    """
    locked = _lock_document(draft, request, [part.upload for part in parts], received_at)
    document = _replace(locked, request, actor, seen, parts=parts)
    # A waiting job reads the parts under this transaction's lock: it joins these.
    owner = locked.submission.candidate
    waiting = deliveries_for(owner).filter(kind=JOIN, state=Delivery.State.PENDING)
    if not waiting.filter(key__startswith=f"{document.pk}-").exists():
        post(kind=JOIN, key=f"{document.pk}-{document.seen}", subject=owner)
    return document


@dataclass(frozen=True, slots=True)
class _Locked:
    """What a change of a document reads under the lock of its submission."""

    submission: Submission
    draft: Draft
    now: datetime
    current: DraftDocument | None


def _lock_document(
    draft: Draft, request: DocumentRequest, uploads: Sequence[Upload], received_at: datetime | None
) -> _Locked:
    submission, fresh, now = lock_open_draft(draft)
    check_document_in_scope(submission, request, received_at or now)
    owners = {upload.owner_id for upload in uploads}
    if request.offer_id != submission.offer_id or owners != {submission.candidate_id}:
        msg = "a draft holds its own candidate's files, for its own offer"
        raise ValueError(msg)
    current = DraftDocument.objects.select_related("upload").filter(draft=fresh, request=request).first()
    return _Locked(submission, fresh, now, current)


def _replace(
    locked: _Locked,
    request: DocumentRequest,
    actor: User,
    seen: str | None,
    *,
    upload: Upload | None = None,
    parts: Sequence[Part] = (),
) -> DraftDocument:
    """Store a document: of one `upload`, or of `parts` to join, with the upload that it has or its first file."""
    if seen is not None and seen != (locked.current.seen if locked.current else ""):
        raise StaleDraftError(saved_at=locked.draft.saved_at)
    replaced = _uploads_of(locked.current)
    kept = locked.current.upload if locked.current else None
    document, _created = DraftDocument.objects.update_or_create(
        draft=locked.draft,
        request=request,
        defaults={
            "upload": upload or kept or parts[0].upload,
            "joined": DraftDocument.Join.CURRENT if upload else DraftDocument.Join.WANTED,
            "revision": None if upload else uuid4(),
        },
    )
    document.parts.all().delete()
    DocumentPart.objects.bulk_create(
        DocumentPart(document=document, position=position, upload=part.upload, turned=part.turned)
        for position, part in enumerate(parts, start=1)
    )
    save_next_version(locked.draft, locked.now)
    record(actor=actor, action="DOCUMENT_ATTACHED", subject=locked.submission, detail=request.kind)
    for each in replaced - {document.upload, *(part.upload for part in parts)}:
        discard_if_unused(each)
    return document


@transaction.atomic
def remove_document(*, draft: Draft, request: DocumentRequest, actor: User) -> None:
    """Remove the draft's document for `request`, if any; discard its upload if nothing else uses it.

    :raises DraftClosedError: if the draft was filed or discarded concurrently.
    :raises OfferNotOpenError: if the filing window is over.
    :raises OutOfScopeChangeError: if only a complement may be filed, and the document is out of its scope.
    """
    submission, fresh, now = lock_open_draft(draft)
    check_document_in_scope(submission, request, now)
    current = DraftDocument.objects.select_related("upload").filter(draft=fresh, request=request).first()
    if current is None:
        return
    removed = _uploads_of(current)
    current.delete()
    save_next_version(fresh, now)
    record(actor=actor, action="DOCUMENT_REMOVED", subject=submission, detail=request.kind)
    for each in removed:
        discard_if_unused(each)


def _uploads_of(document: DraftDocument | None) -> set[Upload]:
    """Return the upload of a document, and the files that it is joined from."""
    if document is None:
        return set()
    return {document.upload, *(part.upload for part in document.parts.select_related("upload"))}


def check_document_in_scope(submission: Submission, request: DocumentRequest, now: datetime) -> None:
    """Check that the document of the locked `submission` may change at `now`, by the database's clock.

    :raises OfferNotOpenError: if the filing window is not open.
    :raises OutOfScopeChangeError: if only a complement may be filed, and the document is out of its scope.
    """
    scope = scope_of_changes(submission, now)
    if scope is not None and not scope.has_document(request.pk):
        raise OutOfScopeChangeError(documents=(request.pk,))


def discard_if_unused(upload: Upload) -> None:
    """Discard the upload after commit, unless a filing or another draft uses it."""
    transaction.on_commit(partial(discard_upload, upload=upload), robust=True)
