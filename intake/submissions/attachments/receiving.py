"""Receive a file for a document of a draft: store its bytes and post its inspection, which a worker makes."""

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet

from intake.documents.child.refusal import Reason
from intake.documents.names import display_name
from intake.documents.reasons import Facts
from intake.documents.services import copy_received, refuse_size
from intake.documents.temp_dirs import temporary_directory
from intake.outbox.services import post
from intake.submissions.delivery_kinds import UPLOAD
from intake.submissions.lifecycle.errors import StaleDraftError, SubmissionError
from intake.submissions.lifecycle.locks import lock_open_draft
from intake.submissions.models import Draft, DraftDocument, PendingUpload
from offers.models import DocumentRequest

from .operations import check_document_in_scope
from .quotas import check_quota

_State = PendingUpload.State


def receive_upload(
    *,
    draft: Draft,
    request: DocumentRequest,
    uploaded_file: UploadedFile[Any],
    at: datetime,
    seen: str | None = None,
    adds: bool = False,
    client: str = "",
) -> PendingUpload | None:
    """Store a received file and post its inspection; return its row, or None if the draft has these very bytes.

    `at`: aware instant of the request, for the quota. `seen`: as for `attach_document`. The same bytes sent twice give
    the first row; another file takes the place of those that still wait for the same document, whose bytes go. With
    `adds`, it will be joined to the document, after the files that the document has or waits for. `client`: the address
    from which it was sent.

    After an error of the database the bytes stay, and are reclaimed if no row names them: a connection that is
    lost during the commit does not say whether the row is stored.

    :raises UploadRefused: if the file is empty or too large; it is not stored.
    :raises DailyQuotaError: if the person sent too many files today; nothing is stored.
    :raises StoredQuotaError: if the person's files that are not filed are too heavy; nothing is stored.
    :raises DraftClosedError: if the draft was filed or discarded concurrently.
    :raises OfferNotOpenError: if the filing window is over.
    :raises OutOfScopeChangeError: if only a complement may be filed, and the document is out of its scope.
    :raises StaleDraftError: if the current document is not the one in `seen`.
    """
    owner, size = draft.submission.candidate, uploaded_file.size or 0
    refuse_size(size=size, max_bytes=request.max_bytes)
    check_quota(owner=owner, size=size, at=at)
    pending = PendingUpload(
        owner=owner,
        request=request,
        seen=seen,
        adds=adds,
        name=display_name(uploaded_file.name or ""),
        client=client or None,
    )
    with temporary_directory("received") as room:
        received = room / "received"
        pending.sha256 = copy_received(uploaded_file, received, max_bytes=request.max_bytes)
        pending.size = received.stat().st_size
        refuse_size(size=pending.size, max_bytes=request.max_bytes)
        with received.open("rb") as stream:
            pending.file.save(pending.public_id.hex, File(stream), save=False)
    stored = str(pending.file.name)
    try:
        kept = _save(pending, draft=draft, at=at)
    except SubmissionError:
        default_storage.delete(stored)
        raise
    if kept is not pending:
        default_storage.delete(stored)
    return kept


@transaction.atomic
def _save(pending: PendingUpload, *, draft: Draft, at: datetime) -> PendingUpload | None:
    submission, fresh, now = lock_open_draft(draft)
    check_document_in_scope(submission, pending.request, now)
    current = (
        DraftDocument.objects.select_related("upload").filter(draft=fresh, request=pending.request).first()
    )
    if current is not None and current.digest == pending.sha256 and not pending.adds:
        return None
    if pending.seen is not None and pending.seen != (current.seen if current else ""):
        raise StaleDraftError(saved_at=fresh.saved_at)
    for earlier in waiting_for(fresh, pending.request):
        if earlier.sha256 == pending.sha256 and earlier.adds == pending.adds:
            return earlier
        if not pending.adds:
            settle(pending=earlier, state=_State.DROPPED)
    check_quota(owner=pending.owner, size=pending.size, at=at, locks=True)
    pending.draft = fresh
    pending.save()
    post(kind=UPLOAD, key=str(pending.public_id), subject=pending.owner)
    return pending


def waiting_for(draft: Draft, request: DocumentRequest) -> QuerySet[PendingUpload]:
    """Return the files that wait for their inspection for this document of the draft, in order."""
    return draft.pending_uploads.filter(request=request, state=_State.RECEIVED).order_by("pk")


@transaction.atomic
def drop_uploads(*, draft: Draft, request: DocumentRequest) -> int:
    """Give up the files that wait for this document; return how many there were. The current file stays.

    :raises DraftClosedError: if the draft was filed or discarded concurrently.
    """
    _submission, fresh, _now = lock_open_draft(draft)
    return sum(settle(pending=pending, state=_State.DROPPED) for pending in waiting_for(fresh, request))


@transaction.atomic
def settle(
    *,
    pending: PendingUpload,
    state: PendingUpload.State,
    code: Reason | None = None,
    facts: Facts | None = None,
) -> bool:
    """Store what became of a waiting file, and delete its bytes after commit; False if that is stored already."""
    rows = PendingUpload.objects.filter(pk=pending.pk, state=_State.RECEIVED)
    changed = rows.update(
        state=state,
        reason_code=code.value if code else "",
        facts=dict(facts or {}),
        file="",
        client=None,
        settled_at=TransactionNow(),
    )
    if changed:
        transaction.on_commit(partial(default_storage.delete, str(pending.file.name)), robust=True)
    return bool(changed)
