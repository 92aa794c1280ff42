"""Job of a document that is made of several files: join them.

No request joins files, and no web server starts the process that does: a person turns a file fifty times.
"""

import logging
from datetime import datetime
from typing import Final

from django.db import transaction

from intake.documents.child.refusal import Reason
from intake.documents.joining import Part, join_uploads
from intake.documents.models import Upload
from intake.documents.reasons import UploadRefused
from intake.documents.services import discard_upload
from intake.outbox.models import Delivery
from intake.submissions.drafts.operations import save_next_version
from intake.submissions.lifecycle.locks import with_row_locks
from intake.submissions.models import DraftDocument, Submission

from .operations import discard_if_unused
from .parts import parts_of

logger = logging.getLogger(__name__)

MAX_STARTS: Final = 3
"""Workers that may die, or fail, joining the files of one document: after them, its owner must change them."""
_Join = DraftDocument.Join


def join_document(delivery: Delivery, at: datetime) -> None:
    """Join the files that the document in the delivery's key has now, whatever it had when the delivery was posted.

    It may be killed at any line and run again: one transaction makes the joined upload the document's, if its files are
    still those that were joined. If they changed meanwhile, that change has posted another delivery.
    """
    found = _read_wanted(int(delivery.key.partition("-")[0]))
    if found is None:
        return
    document, parts = found
    if delivery.attempts > MAX_STARTS:
        logger.error("the files of document %s ended %d workers", document.pk, MAX_STARTS)
        finish_join(document=document, state=_Join.FAILED)
        return
    request, owner = document.request, document.draft.submission.candidate
    try:
        joined = join_uploads(
            owner=owner,
            kind=request.kind,
            parts=parts,
            max_pages=request.max_pages,
            max_bytes=request.max_bytes,
            at=at,
        )
    except UploadRefused as refused:
        too_large = refused.code is Reason.TOO_LARGE
        finish_join(document=document, state=_Join.TOO_LARGE if too_large else _Join.FAILED)
    except FileNotFoundError:
        if finish_join(document=document, state=_Join.FAILED):  # else the file was removed meanwhile
            logger.error("a file of document %s is lost", document.pk)  # noqa: TRY400 -- the traceback only adds its path
    else:
        if not finish_join(document=document, state=_Join.CURRENT, upload=joined):
            discard_upload(upload=joined)


@transaction.atomic
def _read_wanted(key: int) -> tuple[DraftDocument, list[Part]] | None:
    """Return the document `key` with its files, if they wait to be joined; read under the submission's lock.

    A change that is being made has counted on this delivery: the lock waits for it.
    """
    with_row_locks(Submission.objects.filter(drafts__documents=key)).first()
    wanted = DraftDocument.objects.select_related("request", "upload", "draft__submission__candidate")
    document = wanted.filter(pk=key, joined=_Join.WANTED).first()
    return (document, parts_of(document)) if document is not None else None


@transaction.atomic
def finish_join(*, document: DraftDocument, state: DraftDocument.Join, upload: Upload | None = None) -> bool:
    """Store what became of the files that `document` had when it was read; False if it has others, or is gone.

    `upload` becomes its own, and the one before is discarded if nothing else uses it. The draft gets its next
    version: a page that showed the document before cannot file this one unseen.
    """
    submission = with_row_locks(Submission.objects.filter(pk=document.draft.submission_id)).first()
    same = DraftDocument.objects.select_related("upload", "draft").filter(
        pk=document.pk, revision=document.revision, joined=_Join.WANTED, draft__closed_at=None
    )
    fresh = same.first()
    if submission is None or fresh is None:
        return False
    before, fresh.joined = fresh.upload, state
    fresh.upload = upload or before
    fresh.save(update_fields=["joined", "upload"])
    save_next_version(fresh.draft, submission.db_now)
    if upload is not None:
        discard_if_unused(before)
    return True
