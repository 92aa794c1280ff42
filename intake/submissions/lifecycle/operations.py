"""Apply a move of the table of states, write its `Transition`, end the complement request: `docs/rules.md#states`."""

from datetime import datetime
from typing import Final

from django.contrib.postgres.functions import TransactionNow
from django.db import IntegrityError, connection, transaction

from intake.accounts.models import User
from intake.base.database_errors import broken_constraint
from intake.journal.services import record
from intake.outbox.services import post
from intake.submissions.delivery_kinds import COMPLEMENT_RESUMED_MAIL
from intake.submissions.models import ComplementRequest, Filing, Submission
from intake.submissions.states import SELECTION_ACTIONS, TABLE, Action, HumanReview, Move, State
from intake.web.prepared import prepared_cursor
from offers.models import Offer

from .errors import (
    AlreadySelectedError,
    AnnouncedMoveError,
    ComplementOpenError,
    FindingUnconfirmedError,
    HumanReviewPendingError,
    HumanReviewUpheldError,
    MoveNotAllowedError,
    OfferCancelledError,
    ReasonMissingError,
    StaleSubmissionError,
    SubmissionError,
)
from .locks import with_row_locks
from .participation import register_completed

Ending = ComplementRequest.Ending
ENDINGS: Final = {
    Action.REQUEST_COMPLEMENT: Ending.REPLACED,
    Action.RESUME: Ending.RESUMED,
    Action.WITHDRAW: Ending.WITHDRAWN,
    Action.FIND_INADMISSIBLE: Ending.DECIDED,
}
"""Ending of the open request, by action. A filing ends it with ANSWERED (`end_answered_request`)."""

_ANSWERED: Final = """
UPDATE submissions_complementrequest SET ended_at = transaction_timestamp(), ending = 'ANSWERED', answered_by_id = %s
WHERE id = %s AND ended_at IS NULL
"""

_MOVE: Final = """
WITH moved AS (
    UPDATE submissions_submission SET state = %(target)s, version = %(version)s,
        standing_filing_id = %(standing_filing)s, reserve = %(reserve)s, filed_name = %(filed_name)s
    WHERE id = %(submission)s RETURNING id
)
INSERT INTO submissions_transition (submission_id, action, from_state, to_state, actor_id, reason)
SELECT moved.id, %(action)s, %(source)s, %(target)s, %(actor)s, %(reason)s FROM moved
"""
"""Writes the state and the transition in one statement: neither is written without the other."""

_OFFER: Final = "SELECT status FROM offers_offer WHERE id = %s FOR SHARE"
"""FOR SHARE: a cancellation of the offer waits for this transaction, or is visible to it.

The submission is locked first."""

_REFUSALS: Final[dict[str, type[SubmissionError]]] = {
    "a_person_is_selected_once": AlreadySelectedError,
    "a_selected_file_has_every_finding_confirmed": FindingUnconfirmedError,
}
"""Error for each constraint that refuses a move."""


@transaction.atomic
def move_submission(
    *, submission: Submission, action: Action, actor: User, reason: str = "", version: int | None = None
) -> Submission:
    """Lock `submission`, move it by `action`, and return it in its new state.

    `version`: the submission's, as the actor read it; None skips that check.

    :raises MoveNotAllowedError: if the table has no such move from its state, or the actor lacks the permission or is
        the candidate.
    :raises AnnouncedMoveError: if the candidate is notified of the move: see `announce_move`.
    :raises ValueError: if the move has an operation of its own: see `request_complement`.
    :raises OfferCancelledError: if the move leads to a stage, and the offer is cancelled.
    :raises HumanReviewPendingError: if the human review is PENDING and the move is not allowed during it.
    :raises HumanReviewUpheldError: if the human review is UPHELD and the move is not `JUDGE_AGAIN`.
    :raises ReasonMissingError: if the move needs a reason and `reason` is blank.
    :raises StaleSubmissionError: if the submission changed after `version`.
    """
    if TABLE[action].announced:
        raise AnnouncedMoveError(action=action, state=State(submission.state))
    if TABLE[action].has_own_form:
        msg = f"{action} says more than a reason"
        raise ValueError(msg)
    return _move(submission, action, actor, reason, version)


@transaction.atomic
def announce_move(
    *, submission: Submission, action: Action, actor: User, version: int | None, words: str = ""
) -> Submission:
    """Make a move of which the candidate is notified, and return the submission in its new state.

    The caller released the move and posts its mail in the same transaction. `version`: the submission's when the move
    was prepared; None skips that check. `words`: text that the mail adds to the default one, stored as the
    transition's reason; after the move, the candidate also reads it on their page.

    :raises MoveNotAllowedError: if the table has no such move from its state, the actor lacks the permission or is the
        candidate, or the move is not an announced one.
    :raises OfferCancelledError: if the move leads to a stage, and the offer is cancelled.
    :raises HumanReviewPendingError: if the human review is PENDING.
    :raises AlreadySelectedError: if another submission of the candidate is selected or placed.
    :raises ComplementOpenError: if the candidate may still file a complement.
    :raises FindingUnconfirmedError: if a finding that decides the verdict is not confirmed.
    :raises StaleSubmissionError: if the submission was moved, filed again or ruled on after `version`.
    """
    if not TABLE[action].announced:
        raise MoveNotAllowedError(action=action, state=State(submission.state))
    return _move(submission, action, actor, words, version)


def _move(
    submission: Submission, action: Action, actor: User, reason: str, version: int | None
) -> Submission:
    current = with_row_locks(Submission.objects.filter(pk=submission.pk)).get()
    check_move(current, action, actor, reason, version)
    check_complement_closed(current, action, current.db_now)
    if TABLE[action].of_upheld:
        current.reserve = HumanReview.PENDING
    try:
        with transaction.atomic():
            was_incomplete, had_time = current.is_incomplete, current.accepts_complement(current.db_now)
            moved = write_move(submission=current, action=action, actor=actor, reason=reason.strip())
            if was_incomplete:
                end_request_by_move(submission=moved, action=action)
            if had_time and action is Action.RESUME:
                _post_resumed_mail(submission=moved)
            if action is Action.COMPLETE:
                register_completed(moved, actor=actor)
            return moved
    except IntegrityError as refused:
        refusal = _REFUSALS.get(broken_constraint(refused) or "")
        if refusal is None:
            raise
        raise refusal from refused


def check_complement_closed(current: Submission, action: Action, now: datetime) -> None:
    """Raise if `action` decides on an incomplete file, already locked, whose candidate may still complete it.

    :raises ComplementOpenError: if the complement may be filed at `now`, the transaction timestamp.
    """
    if TABLE[action].announced and current.accepts_complement(now):
        raise ComplementOpenError(action=action, due_at=current.window.closes_at)


def check_move(current: Submission, action: Action, actor: User, reason: str, version: int | None) -> None:
    """Raise, as `move_submission` does, unless table and locked submission allow the move."""
    move, state = TABLE[action], State(current.state)
    may = move.permission is not None and actor.has_perm(f"submissions.{move.permission}")
    if not may or current.candidate_id == actor.pk:
        raise MoveNotAllowedError(action=action, state=state)
    if version is not None and version != current.version:
        raise StaleSubmissionError(state=state)
    if state not in move.sources:
        raise MoveNotAllowedError(action=action, state=state)
    needs_stage = action in SELECTION_ACTIONS or action is Action.REQUEST_COMPLEMENT
    if needs_stage and _is_cancelled(current.offer_id):
        raise OfferCancelledError
    _check_reserve(move, state, HumanReview(current.reserve))
    if move.reason_required and not reason.strip():
        raise ReasonMissingError


def _is_cancelled(offer_id: int) -> bool:
    """Return whether the offer is cancelled. Locks it FOR SHARE until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_OFFER, [offer_id])
        return bool(cursor.fetchone()[0] == Offer.Status.CANCELLED)


def _check_reserve(move: Move, state: State, reserve: HumanReview) -> None:
    if reserve == HumanReview.PENDING and not move.while_pending:
        raise HumanReviewPendingError(action=move.action, state=state)
    if move.of_upheld and reserve != HumanReview.UPHELD:
        raise MoveNotAllowedError(action=move.action, state=state)
    if reserve == HumanReview.UPHELD and not move.of_upheld:
        raise HumanReviewUpheldError


def write_move(*, submission: Submission, action: Action, actor: User, reason: str = "") -> Submission:
    """Write state, transition and journal entry. The caller locked the submission and checked the move."""
    move = TABLE[action]
    source = State(submission.state)
    submission.state = move.target
    submission.version += 1
    values = {
        "submission": submission.pk,
        "version": submission.version,
        "standing_filing": submission.standing_filing_id,
        "reserve": submission.reserve,
        "filed_name": submission.filed_name,
        "action": action.value,
        "source": source.value,
        "target": move.target.value,
        "actor": actor.pk,
        "reason": reason,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_MOVE, values)
    record(actor=actor, action=f"SUBMISSION_{action}", subject=submission)
    return submission


def end_request_by_move(*, submission: Submission, action: Action) -> None:
    """End the open request of `submission` with the ending of `action`. The caller locked the submission."""
    ComplementRequest.objects.filter(submission=submission, ended_at=None).update(
        ended_at=TransactionNow(), ending=ENDINGS[action]
    )


def _post_resumed_mail(*, submission: Submission) -> None:
    """Post the mail about the latest complement request, which RESUME has just ended."""
    asked = ComplementRequest.objects.select_related("filing__receipt").filter(submission=submission)
    ended = asked.latest("pk")
    post(kind=COMPLEMENT_RESUMED_MAIL, key=str(ended.pk), subject=ended.filing.receipt)


def end_answered_request(*, number: int, filing: Filing, submission: Submission, actor: User) -> None:
    """End the open request with primary key `number` as answered by `filing`, and record it in the journal."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, [filing.pk, number])
    record(actor=actor, action="COMPLEMENT_ANSWERED", subject=submission)
