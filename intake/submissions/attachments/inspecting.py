"""Jobs of received files: inspect one and attach it to its draft; forget what is settled.

No request waits for an inspection, and no web server starts one: a form that draws itself takes all the CPU seconds
that an inspection may, and eight of them took those of every page.
"""

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from intake.documents.child.refusal import Reason
from intake.documents.joining import Part
from intake.documents.models import Upload
from intake.documents.reasons import UploadRefused
from intake.documents.services import forget_files, prepare_upload
from intake.documents.temp_dirs import temporary_directory
from intake.outbox.models import Delivery
from intake.submissions.complements.scope import OutOfScopeChangeError
from intake.submissions.lifecycle.errors import (
    DraftArrivedError,
    DraftClosedError,
    OfferNotOpenError,
    StaleDraftError,
)
from intake.submissions.lifecycle.locks import with_row_locks
from intake.submissions.models import Draft, DraftDocument, PendingUpload, Submission
from intake.web.security_events import Kind, record_security_event
from intake.web.storage import copy_stored

from .parts import change_parts, parts_of
from .receiving import settle

logger = logging.getLogger(__name__)

MAX_STARTS: Final = 3
"""Workers that may die inspecting one file: after them, the person is asked to send it again."""
MAX_WAIT: Final = timedelta(days=1)
"""A file that no worker inspected within this time is given up."""
KEPT_FOR: Final = timedelta(days=2)
"""How long a settled row stays: longer than the day of its quota."""
_State = PendingUpload.State


def inspect_upload(delivery: Delivery, _at: datetime) -> None:
    """Inspect the file that the delivery names, and attach it to its draft, or store why it is refused.

    It may be killed at any line and run again: what is made is stored apart, and one transaction makes it the draft's
    document and settles the row. A row that is settled does nothing.
    """
    files = PendingUpload.objects.select_related("draft", "request", "owner")
    pending = files.filter(public_id=delivery.key, state=_State.RECEIVED).first()
    if pending is None:
        return
    PendingUpload.objects.filter(pk=pending.pk, started_at=None).update(started_at=Now())
    if pending.draft is None:
        settle(pending=pending, state=_State.CLOSED)
    elif delivery.attempts > MAX_STARTS:
        logger.error("upload %s ended %d workers", pending.public_id, MAX_STARTS)
        _refuse(pending, UploadRefused(Reason.TIMED_OUT, {}))
    else:
        _inspect(pending, pending.draft)


def _inspect(pending: PendingUpload, draft: Draft) -> None:
    with temporary_directory("pending") as room:
        received = room / "received"
        if not _fetch(pending, received):
            return
        try:
            upload = prepare_upload(
                owner=pending.owner,
                kind=pending.request.kind,
                received=received,
                name=pending.name,
                max_pages=pending.request.max_pages,
                max_bytes=pending.request.max_bytes,
                at=pending.received_at,
            )
        except UploadRefused as refused:
            _refuse(pending, refused)
            return
    if not attach_inspected(pending=pending, draft=draft, upload=upload):
        forget_files(upload=upload)


def _fetch(pending: PendingUpload, received: Path) -> bool:
    """Copy the stored bytes; False, and the person is asked to send the file again, if the storage has none."""
    try:
        copy_stored(pending.file, received)
    except FileNotFoundError:
        if settle(
            pending=pending, state=_State.REFUSED, code=Reason.TIMED_OUT
        ):  # else it was dropped meanwhile
            logger.error("the bytes of upload %s are lost", pending.public_id)  # noqa: TRY400 -- the traceback only adds its path
        return False
    return True


def _refuse(pending: PendingUpload, refused: UploadRefused) -> None:
    """Store the refusal, and write its event."""
    if settle(pending=pending, state=_State.REFUSED, code=refused.code, facts=refused.facts):
        event, reason = Kind.UPLOAD_REFUSED, refused.code.value
        record_security_event(None, event, reason=reason, subject=pending.owner, client=pending.client or "")


@transaction.atomic
def attach_inspected(*, pending: PendingUpload, draft: Draft, upload: Upload) -> bool:
    """Make a prepared `upload` the document of `draft` for which it was received; settle its row, whatever the result.

    Return whether the upload is kept. A file received in time is attached after the closing too, if its draft is still
    open: the instant of reception decides, as it does for a filing.
    """
    # Submission first, as everywhere. It is deleted with its draft.
    with_row_locks(Submission.objects.filter(pk=draft.submission_id)).first()
    if not PendingUpload.objects.filter(pk=pending.pk, state=_State.RECEIVED, draft=draft).exists():
        return False
    try:
        state = _attach(pending, draft, upload)
    except UploadRefused as refused:  # the document would be too long with it
        _refuse(pending, UploadRefused(refused.code, {**refused.facts, "joined": 1}))
        return False
    settle(pending=pending, state=state)
    return state == _State.ADDED


def _attach(pending: PendingUpload, draft: Draft, upload: Upload) -> PendingUpload.State:
    held = DraftDocument.objects.filter(draft=draft, request=pending.request).select_related("upload").first()
    if held is not None and held.digest == upload.sha256 and not pending.adds:
        return _State.SAME
    try:
        with transaction.atomic():
            upload.save()
            change_parts(
                draft=draft,
                request=pending.request,
                parts=[*(parts_of(held) if held is not None and pending.adds else []), Part(upload)],
                actor=pending.owner,
                seen=pending.seen,
                received_at=pending.received_at,
            )
    except DraftArrivedError:
        raise  # nothing is filed without this file silently: it is attached if the filing is refused
    except StaleDraftError:
        return _State.CHANGED
    except (OfferNotOpenError, OutOfScopeChangeError, DraftClosedError):
        return _State.CLOSED
    return _State.ADDED


def sweep_uploads(_delivery: Delivery, at: datetime) -> None:
    """Give up the files that waited for a day at `at` (aware), and delete old rows.

    Bytes that no row names are deleted by `intake.documents.reclaiming`.
    """
    for pending in PendingUpload.objects.filter(state=_State.RECEIVED, received_at__lt=at - MAX_WAIT):
        settle(pending=pending, state=_State.REFUSED, code=Reason.TIMED_OUT)
    PendingUpload.objects.filter(received_at__lt=at - KEPT_FOR).exclude(state=_State.RECEIVED).delete()
