"""Moving a submission, by those who may read it."""

from django.db import transaction

from intake.accounts.models import User
from intake.review.deciding import DECIDE, awaited_decision
from intake.review.decision_errors import DecisionAwaitedError
from intake.review.errors import NotOnCommitteeError, OwnSubmissionError
from intake.review.impartial import check_impartial
from intake.review.selectors import visible_submissions
from intake.submissions.models import Submission
from intake.submissions.services import move_submission
from intake.submissions.states import TABLE, Action

from .claims import act_on_file


@transaction.atomic
def decide_submission(
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

    :raises OwnSubmissionError: if the actor is the candidate or, where the move decides, applied to the offer.
    :raises InConflictError: if the move decides, and they have a conflict of interest on a candidature to the offer.
    :raises NotOnCommitteeError: if the submission is not among those the actor may read.
    :raises FileHeldError: if another person than `over` has the file in hand.
    :raises DecisionAwaitedError: if another decision than `despite` waits to be announced of the submission.
    :raises intake.submissions.errors.SubmissionError: as `move_submission` does.
    """
    if submission.candidate_id == actor.pk:
        raise OwnSubmissionError
    if not visible_submissions(actor).filter(pk=submission.pk).exists():
        raise NotOnCommitteeError
    if TABLE[action].permission == DECIDE:
        check_impartial(actor=actor, offer=submission.offer)
    act_on_file(submission=submission, actor=actor, over=over, takes=False)
    awaited = awaited_decision(submission)
    if awaited is not None and awaited.pk != despite:
        raise DecisionAwaitedError(item=awaited)
    return move_submission(submission=submission, action=action, actor=actor, reason=reason, version=version)
