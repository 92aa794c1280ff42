"""Attach a document to a draft, or remove it."""

from datetime import datetime
from functools import partial

from django.db import transaction

from intake.accounts.models import User
from intake.documents.models import Upload
from intake.documents.services import discard_upload
from intake.journal.services import record
from intake.submissions.complements.errors import OutOfScopeChangeError
from intake.submissions.drafts.operations import _increment_version, _scope
from intake.submissions.lifecycle.errors import StaleDraftError
from intake.submissions.lifecycle.locks import lock_open_draft
from intake.submissions.models import Draft, DraftDocument, Submission
from offers.models import DocumentRequest


@transaction.atomic
def attach_document(
    *,
    draft: Draft,
    request: DocumentRequest,
    upload: Upload,
    actor: User,
    seen: str | None = None,
) -> DraftDocument:
    """Make `upload` the draft's file for `request`, in place of the one before, which is discarded if nothing uses it.

    `seen` is the file that the page showed in that place (its `public_id.hex`, empty for none); `None` replaces any.
    A file with the very bytes of the one in place changes nothing: that one is returned, and `upload` is the caller's
    to discard.

    :raises DraftClosedError: if the draft was filed, or let go, meanwhile.
    :raises OfferNotOpenError: if their time is over.
    :raises NotAskedError: if only a complement may still be sent, and this is not asked for.
    :raises StaleDraftError: if another tab put another file in that place since.
    :raises ValueError: if the document is another offer's, or the file another person's.
    """
    submission, fresh, now = lock_open_draft(draft)
    _check_document_in_scope(submission, request, now)
    if request.offer_id != submission.offer_id or upload.owner_id != submission.candidate_id:
        msg = "a draft holds its own candidate's files, for its own offer"
        raise ValueError(msg)
    held = DraftDocument.objects.select_related("upload").filter(draft=fresh, request=request).first()
    if held is not None and held.upload.sha256 == upload.sha256:
        return held
    if seen is not None and seen != (held.upload.public_id.hex if held else ""):
        raise StaleDraftError(saved_at=fresh.saved_at)
    document, _created = DraftDocument.objects.update_or_create(
        draft=fresh, request=request, defaults={"upload": upload}
    )
    _increment_version(fresh, now)
    record(actor=actor, action="DOCUMENT_ATTACHED", subject=submission, detail=request.kind)
    if held is not None:
        discard_if_unused(held.upload)
    return document


@transaction.atomic
def remove_document(*, draft: Draft, request: DocumentRequest, actor: User) -> None:
    """Take the file for `request` out of the draft, and discard it if nothing uses it; none there, nothing happens.

    :raises DraftClosedError: if the draft was filed, or let go, meanwhile.
    :raises OfferNotOpenError: if their time is over.
    :raises NotAskedError: if only a complement may still be sent, and this is not asked for.
    """
    submission, fresh, now = lock_open_draft(draft)
    _check_document_in_scope(submission, request, now)
    held = DraftDocument.objects.select_related("upload").filter(draft=fresh, request=request).first()
    if held is None:
        return
    held.delete()
    _increment_version(fresh, now)
    record(actor=actor, action="DOCUMENT_REMOVED", subject=submission, detail=request.kind)
    discard_if_unused(held.upload)


def _check_document_in_scope(submission: Submission, request: DocumentRequest, now: datetime) -> None:
    scope = _scope(submission, now)
    if scope is not None and not scope.has_document(request.pk):
        raise OutOfScopeChangeError(documents=(request.pk,))


def discard_if_unused(upload: Upload) -> None:
    """Discard a file that a draft holds no more, once that is committed; a filing or another draft may hold it."""
    transaction.on_commit(partial(discard_upload, upload=upload), robust=True)
