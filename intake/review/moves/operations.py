"""Move a submission on behalf of a user who may read it."""

from django.db import transaction

from intake.accounts.models import User
from intake.review.access.anonymous_review import reviews_anonymously
from intake.review.access.errors import AnonymousReviewError, NotOnCommitteeError
from intake.review.access.impartiality import check_impartial
from intake.review.access.visibility import visible_submissions
from intake.review.claims.operations import check_and_renew_claim
from intake.review.decisions.errors import DecisionPendingError
from intake.review.decisions.queries import leads_nowhere, pending_decision
from intake.submissions.complements.operations import ComplementContent, request_complement
from intake.submissions.lifecycle.errors import (
    HumanReviewPendingError,
    HumanReviewUpheldError,
    MoveNotAllowedError,
    OfferCancelledError,
    SubmissionError,
)
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import ComplementRequest, Submission
from intake.submissions.states import (
    COMPLEMENT_ACTIONS,
    TABLE,
    Action,
    HumanReview,
    Move,
    State,
)


@transaction.atomic
def move_as_reviewer(
    *,
    submission: Submission,
    action: Action,
    actor: User,
    reason: str = "",
    version: int | None = None,
    over: int | None = None,
    despite: int | None = None,
) -> Submission:
    """Apply `action` to `submission` for `actor`. Return the moved submission.

    `version` is the submission's as the actor read it; None accepts any. A move leaves no work to do, so it does not
    claim an unclaimed file. `over` is the user whose claim the actor takes over. `despite` is the primary key of the
    pending decision, if the actor accepts that it will not be announced.

    :raises OwnSubmissionError, InConflictError: as `check_impartial`, if the move chooses between candidates.
    :raises NotOnCommitteeError: if the actor may not read the submission.
    :raises AnonymousReviewError: if the move is about completeness, and the actor reviews the offer anonymously.
    :raises FileClaimedError: if a user other than `over` has a claim on the file.
    :raises DecisionPendingError: if the submission has a pending decision other than `despite`.
    :raises intake.submissions.lifecycle.errors.SubmissionError: as `move_submission`.
    """
    _check_may_act(submission=submission, move=TABLE[action], actor=actor, over=over, despite=despite)
    return move_submission(submission=submission, action=action, actor=actor, reason=reason, version=version)


@transaction.atomic
def request_complement_as_reviewer(
    *,
    submission: Submission,
    actor: User,
    asked: ComplementContent,
    version: int | None = None,
    over: int | None = None,
    despite: int | None = None,
) -> ComplementRequest:
    """Request a complement of the file from its candidate, if `actor` may. Return the request.

    `over` and `despite` are those of `move_as_reviewer`, and so is each `ReviewError`; others as `request_complement`.
    """
    move = TABLE[Action.REQUEST_COMPLEMENT]
    _check_may_act(submission=submission, move=move, actor=actor, over=over, despite=despite)
    return request_complement(submission=submission, actor=actor, asked=asked, version=version)


def _check_may_act(
    *, submission: Submission, move: Move, actor: User, over: int | None, despite: int | None
) -> None:
    """Raise unless `actor` may make `move` on the file now. Errors as in `move_as_reviewer`."""
    if move.chooses:
        check_impartial(actor=actor, offer=submission.offer)
    if not visible_submissions(actor).filter(pk=submission.pk).exists():
        raise NotOnCommitteeError
    if move.action in COMPLEMENT_ACTIONS and reviews_anonymously(user=actor, offer=submission.offer):
        raise AnonymousReviewError
    check_and_renew_claim(submission=submission, actor=actor, over=over, takes=False)
    awaited = pending_decision(submission)
    if awaited is not None and awaited.pk != despite:
        raise DecisionPendingError(item=awaited)


def predicted_refusal(submission: Submission, move: Move) -> type[SubmissionError] | None:
    """Return the error by which the submission itself would refuse `move`: state, offer, human review."""
    reserve = HumanReview(submission.reserve)
    if State(submission.state) not in move.sources or (move.of_upheld and reserve != HumanReview.UPHELD):
        return MoveNotAllowedError
    if leads_nowhere(move.action, submission.offer):
        return OfferCancelledError
    if reserve == HumanReview.PENDING and not move.while_pending:
        return HumanReviewPendingError
    if reserve == HumanReview.UPHELD and not move.of_upheld:
        return HumanReviewUpheldError
    return None
