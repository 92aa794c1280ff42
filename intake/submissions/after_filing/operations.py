"""Operations of a candidate on a filed submission: start or discard an amendment, withdraw."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.outbox.services import post
from intake.submissions.access.queries import open_complement
from intake.submissions.attachments.operations import discard_if_unused
from intake.submissions.complements.scope import scope_of
from intake.submissions.delivery_kinds import WITHDRAWAL_MAIL
from intake.submissions.drafts.operations import save_next_version
from intake.submissions.lifecycle.errors import (
    DraftArrivedError,
    DraftGoneError,
    MoveNotAllowedError,
    OfferNotOpenError,
    ReasonMissingError,
)
from intake.submissions.lifecycle.locks import lock_open_draft, with_row_locks
from intake.submissions.lifecycle.operations import end_request_by_move, write_move
from intake.submissions.models import (
    Arrival,
    ComplementRequest,
    Draft,
    DraftDocument,
    FiledDocument,
    Filing,
    Receipt,
    Submission,
)
from intake.submissions.states import TABLE, Action, State


@transaction.atomic
def start_amendment(*, submission: Submission, actor: User) -> Draft:
    """Return the open draft that amends a filed submission; create it from the current filing if there is none.

    The filing stays current until the amendment is filed. Idempotent: a second call returns the same draft. If only a
    complement may be sent, parts outside the request's scope are restored as filed: an unfinished amendment from before
    the ordinary closing may contain other changes.

    :raises MoveNotAllowedError: if nothing was filed, the state allows no amendment, or the submission is not
        the actor's.
    :raises OfferNotOpenError: if the candidate's filing window is closed, by the database's clock.
    :raises DraftArrivedError: if the open draft waits to be filed.
    """
    current = with_row_locks(Submission.objects.filter(pk=submission.pk)).get()
    state = State(current.state)
    filing = current.standing_filing
    is_own = current.candidate_id == actor.pk
    if filing is None or not is_own or state not in TABLE[Action.AMEND].sources:
        raise MoveNotAllowedError(action=Action.AMEND, state=state)
    if not current.window.is_open(current.db_now):
        raise OfferNotOpenError
    _check_none_waits(current)
    already = current.drafts.filter(closed_at=None).first()
    asked = open_complement(current) if current.window.is_for_complement_alone(current.db_now) else None
    if already is not None:
        return already if asked is None else _restore_filed(already, filing, asked, actor, current.db_now)
    draft = Draft.objects.create(
        submission=current,
        answers=filing.draft.answers,
        replaces=filing,
        saved_at=current.db_now,
        # The answers are those of the filing, and so are the offer changes that the candidate has acknowledged.
        changes_noted_at=filing.draft.changes_noted_at,
    )
    _copy_documents(filing.documents.order_by("pk"), draft)
    record(actor=actor, action="AMENDMENT_STARTED", subject=current)
    return draft


def _check_none_waits(locked: Submission) -> None:
    if locked.arrivals.filter(state=Arrival.State.WAITING).exists():
        raise DraftArrivedError


def _copy_documents(rows: Iterable[FiledDocument], draft: Draft) -> None:
    DraftDocument.objects.bulk_create(
        DraftDocument(draft=draft, request_id=row.request_id, upload_id=row.upload_id) for row in rows
    )


def _restore_filed(
    draft: Draft, filing: Filing, asked: ComplementRequest, actor: User, now: datetime
) -> Draft:
    """Restore the parts of `draft` outside the scope of `asked` as filed. Write nothing if they already are."""
    scope, filed = scope_of(asked), {row.request_id: row for row in filing.documents.order_by("pk")}
    present = {row.request_id: row for row in draft.documents.select_related("upload").order_by("pk")}
    answers = scope.over(filing.draft.answers, draft.answers)
    others = scope.out_of_scope_documents(
        {request_id: row.sha256 for request_id, row in filed.items()},
        {request_id: row.digest for request_id, row in present.items()},
    )
    if answers == draft.answers and not others:
        return draft
    draft.answers = answers
    save_next_version(draft, now, "answers")
    draft.documents.filter(request__in=others).delete()
    _copy_documents((filed[request_id] for request_id in others if request_id in filed), draft)
    for request_id in others:
        if request_id in present:
            discard_if_unused(present[request_id].upload)
    record(actor=actor, action="AMENDMENT_PUT_BACK", subject=draft.submission)
    return draft


@transaction.atomic
def discard_amendment(*, draft: Draft, actor: User) -> None:
    """Delete an amendment that was not filed. The current filing stays. Idempotent.

    :raises DraftClosedError: if the amendment was filed concurrently.
    :raises DraftArrivedError: if it waits to be filed.
    :raises ValueError: if the draft replaces no filing: a first draft is kept.
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
    """Withdraw a filed submission for its candidate, also after closing, and mail it; return the current row.

    Filings are kept; an open amendment is deleted. Idempotent.

    :raises MoveNotAllowedError: if the state allows no withdrawal, or the submission is not the actor's.
    :raises ReasonMissingError: if `reason` is blank.
    :raises DraftArrivedError: if a draft waits to be filed: it is filed first.
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
    _check_none_waits(current)
    current.drafts.filter(closed_at=None).delete()
    moved = write_move(submission=current, action=Action.WITHDRAW, actor=actor, reason=reason.strip())
    if state == State.COMPLEMENT_REQUESTED:
        end_request_by_move(submission=moved, action=Action.WITHDRAW)
    # The number of the receipt is a key: after a withdrawal, only another filing can be withdrawn.
    receipt = Receipt.objects.get(filing=moved.standing_filing_id)
    post(kind=WITHDRAWAL_MAIL, key=receipt.number, subject=receipt)
    return moved
