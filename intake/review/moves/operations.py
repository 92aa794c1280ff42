"""Moving a submission, by those who may read it."""

from django.db import transaction

from intake.accounts.models import User
from intake.review.access.anonymous_review import reviews_anonymously
from intake.review.access.errors import NotOnCommitteeError, OwnSubmissionError
from intake.review.access.impartiality import check_impartial
from intake.review.access.queries import visible_submissions
from intake.review.claims.operations import check_and_renew_claim
from intake.review.decisions.errors import DecisionPendingError
from intake.review.decisions.queries import pending_decision, requires_impartiality
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import COMPLEMENT_ACTIONS, TABLE, Action, Move

from .errors import AnonymousReviewError


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
    """Move `submission` as `action` says, if `actor` may read it; return it as it now stands.

    `version` is the submission's as the actor saw it; `None` moves whatever is there. A move is made and done: it takes
    no free file in hand. `over` is whose lease the actor takes over, if another person had it in hand. `despite` is the
    number of the decision that waits to be announced of it, if the actor knows that it then will not be.

    :raises OwnSubmissionError: if the actor is the candidate or, where the move decides or judges what is missing,
        applied to the offer.
    :raises InConflictError: if it does, and they have a conflict of interest on a candidature to the offer.
    :raises NotOnCommitteeError: if the submission is not among those the actor may read.
    :raises BlindReaderError: if the move judges what is missing, and the actor reads the offer's files blind.
    :raises FileHeldError: if another person than `over` has the file in hand.
    :raises DecisionAwaitedError: if another decision than `despite` waits to be announced of the submission.
    :raises intake.submissions.lifecycle.errors.SubmissionError: as `move_submission` does.
    """
    check_may_act(
        submission=submission,
        move=TABLE[action],
        actor=actor,
        over=over,
        despite=despite,
    )
    return move_submission(submission=submission, action=action, actor=actor, reason=reason, version=version)


def check_may_act(
    *, submission: Submission, move: Move, actor: User, over: int | None, despite: int | None
) -> None:
    """Refuse that `actor` makes `move` of a file that is not, or not now, theirs, as `decide_submission` says."""
    if submission.candidate_id == actor.pk:
        raise OwnSubmissionError
    if not visible_submissions(actor).filter(pk=submission.pk).exists():
        raise NotOnCommitteeError
    if requires_impartiality(move):
        check_impartial(actor=actor, offer=submission.offer)
    if move.action in COMPLEMENT_ACTIONS and reviews_anonymously(user=actor, offer=submission.offer):
        raise AnonymousReviewError
    check_and_renew_claim(submission=submission, actor=actor, over=over, takes=False)
    awaited = pending_decision(submission)
    if awaited is not None and awaited.pk != despite:
        raise DecisionPendingError(item=awaited)
