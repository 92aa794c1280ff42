"""Attach a document to a draft, or remove it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from intake.accounts.models import User
from intake.documents.joining import Part
from intake.documents.models import Upload
from intake.documents.services import discard_upload
from intake.journal.services import record
from intake.submissions.complements.scope import OutOfScopeChangeError
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
    parts: Sequence[Part] = (),
    received_at: datetime | None = None,
) -> DraftDocument:
    """Make `upload` the draft's document for `request`; discard the replaced uploads if nothing else uses them.

    `seen`: `public_id.hex` of the displayed upload, empty for none; None skips that check. `parts`: the files that
    `upload` was joined from, if it was. If the current upload has the same bytes, nothing changes: its document is
    returned, and the caller discards `upload`. `received_at`: instant at which the database received the file, which
    must be in time; by default, that of this transaction.

    :raises DraftClosedError: if the draft was filed or discarded concurrently.
    :raises OfferNotOpenError: if the filing window is over.
    :raises OutOfScopeChangeError: if only a complement may be filed, and the document is out of its scope.
    :raises StaleDraftError: if the current upload is not the one in `seen`.
    :raises ValueError: if `request` belongs to another offer, or `upload` to another user.
    """
    submission, fresh, now = lock_open_draft(draft)
    check_document_in_scope(submission, request, received_at or now)
    if request.offer_id != submission.offer_id or upload.owner_id != submission.candidate_id:
        msg = "a draft holds its own candidate's files, for its own offer"
        raise ValueError(msg)
    current = DraftDocument.objects.select_related("upload").filter(draft=fresh, request=request).first()
    if current is not None and current.upload.sha256 == upload.sha256:
        return current
    if seen is not None and seen != (current.upload.public_id.hex if current else ""):
        raise StaleDraftError(saved_at=fresh.saved_at)
    replaced = _uploads_of(current)
    document, _created = DraftDocument.objects.update_or_create(
        draft=fresh, request=request, defaults={"upload": upload}
    )
    document.parts.all().delete()
    DocumentPart.objects.bulk_create(
        DocumentPart(document=document, position=position, upload=part.upload, turned=part.turned)
        for position, part in enumerate(parts, start=1)
    )
    save_next_version(fresh, now)
    record(actor=actor, action="DOCUMENT_ATTACHED", subject=submission, detail=request.kind)
    for each in replaced - {upload, *(part.upload for part in parts)}:
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
    """Return the upload of a document, and the files that it was joined from."""
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
