"""After a filing, what its candidate may still do: amend it before closing, or withdraw."""

from datetime import datetime

from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.submissions.access.queries import open_complement
from intake.submissions.attachments.operations import discard_if_unused
from intake.submissions.complements.scope import scope_of
from intake.submissions.lifecycle.complement_endings import end_request_by_move
from intake.submissions.lifecycle.errors import (
    DraftGoneError,
    MoveNotAllowedError,
    OfferNotOpenError,
    ReasonMissingError,
)
from intake.submissions.lifecycle.locks import lock_open_draft, with_row_locks
from intake.submissions.lifecycle.operations import write_move
from intake.submissions.models import ComplementRequest, Draft, DraftDocument, Filing, Submission
from intake.submissions.states import TABLE, Action, State


@transaction.atomic
def start_amendment(*, submission: Submission, actor: User) -> Draft:
    """Return the open draft that amends a filed submission, copied now from its standing filing if there is none.

    The filing stands until the amendment is filed in its turn, and for ever if it is not. A second click finds the
    first draft. Where only a complement may still be sent, what was not asked for is put back as it was filed: a draft
    that was let lie when the time to amend was over may hold more.

    :raises MoveNotAllowedError: if the submission was never filed, is past being amended, or is not the actor's.
    :raises OfferNotOpenError: if this person may not file now, by the database's clock.
    """
    current = with_row_locks(Submission.objects.filter(pk=submission.pk)).get()
    state = State(current.state)
    filing = current.standing_filing
    is_own = current.candidate_id == actor.pk
    if filing is None or not is_own or state not in TABLE[Action.AMEND].sources:
        raise MoveNotAllowedError(action=Action.AMEND, state=state)
    if not current.window.is_open(current.db_now):
        raise OfferNotOpenError
    already = current.drafts.filter(closed_at=None).first()
    asked = open_complement(current) if current.window.is_for_complement_alone(current.db_now) else None
    if already is not None:
        return already if asked is None else _restore_filed(already, filing, asked, actor, current.db_now)
    draft = Draft.objects.create(
        submission=current,
        answers=filing.draft.answers,
        replaces=filing,
        saved_at=current.db_now,
        # Its answers were written for the offer as the person knew it then, and so is what they know.
        changes_noted_at=filing.draft.changes_noted_at,
    )
    DraftDocument.objects.bulk_create(
        DraftDocument(draft=draft, request_id=row.request_id, upload_id=row.upload_id)
        for row in filing.documents.order_by("pk")
    )
    record(actor=actor, action="AMENDMENT_STARTED", subject=current)
    return draft


def _restore_filed(
    draft: Draft, filing: Filing, asked: ComplementRequest, actor: User, now: datetime
) -> Draft:
    """Let `draft` hold what was filed, but for what is `asked`; nothing happens where it does already."""
    scope, filed = scope_of(asked), {row.request_id: row for row in filing.documents.order_by("pk")}
    held = {row.request_id: row for row in draft.documents.select_related("upload").order_by("pk")}
    answers = scope.over(filing.draft.answers, draft.answers)
    others = scope.out_of_scope_documents(
        {request_id: row.sha256 for request_id, row in filed.items()},
        {request_id: row.upload.sha256 for request_id, row in held.items()},
    )
    if answers == draft.answers and not others:
        return draft
    draft.answers = answers
    draft.version += 1
    draft.saved_at = now
    draft.save(update_fields=["answers", "version", "saved_at"])
    draft.documents.filter(request__in=others).delete()
    DraftDocument.objects.bulk_create(
        DraftDocument(draft=draft, request_id=request_id, upload_id=filed[request_id].upload_id)
        for request_id in others
        if request_id in filed
    )
    for request_id in others:
        if request_id in held:
            discard_if_unused(held[request_id].upload)
    record(actor=actor, action="AMENDMENT_PUT_BACK", subject=draft.submission)
    return draft


@transaction.atomic
def discard_amendment(*, draft: Draft, actor: User) -> None:
    """Let go of an amendment that was not filed: the filing it was to replace goes on standing.

    Letting it go twice changes nothing.

    :raises DraftClosedError: if it was filed meanwhile.
    :raises ValueError: if the draft replaces nothing: a first draft is the person's only one, and is kept.
    """
    try:
        submission, fresh, _now = lock_open_draft(draft)
    except DraftGoneError:
        return
    if fresh.replaces_id is None:
        msg = "only an amendment is discarded"
        raise ValueError(msg)
    fresh.delete()
    record(actor=actor, action="AMENDMENT_DISCARDED", subject=submission)


@transaction.atomic
def withdraw_submission(*, submission: Submission, actor: User, reason: str) -> Submission:
    """Withdraw a filed submission at its candidate's wish, whatever the deadline; return it as it now stands.

    What was filed stays filed, and the amendment being prepared, if any, goes. Withdrawing twice changes nothing.

    :raises MoveNotAllowedError: if there is nothing to withdraw, or the submission is not the actor's.
    :raises ReasonMissingError: if `reason` is blank.
    """
    current = with_row_locks(Submission.objects.filter(pk=submission.pk)).get()
    state = State(current.state)
    is_own = current.candidate_id == actor.pk
    if state == State.WITHDRAWN and is_own:
        return current
    if state not in TABLE[Action.WITHDRAW].sources or not is_own:
        raise MoveNotAllowedError(action=Action.WITHDRAW, state=state)
    if not reason.strip():
        raise ReasonMissingError
    current.drafts.filter(closed_at=None).delete()
    moved = write_move(submission=current, action=Action.WITHDRAW, actor=actor, reason=reason.strip())
    if state == State.COMPLEMENT_REQUESTED:
        end_request_by_move(submission=moved, action=Action.WITHDRAW)
    return moved
