"""Moving a submission, by those who may read it."""

from django.db import transaction

from intake.accounts.models import User
from intake.review.errors import NotOnCommitteeError, OwnSubmissionError
from intake.review.selectors import visible_submissions
from intake.submissions.models import Submission
from intake.submissions.services import move_submission
from intake.submissions.states import Action

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
) -> Submission:
    """Move `submission` as `action` says, if `actor` may read it; return it as it now stands.

    `version` is the submission's as the actor saw it; `None` moves whatever is there. A move is made and done: it takes
    no free file in hand. `over` is whose lease the actor takes over, if another person had it in hand.

    :raises OwnSubmissionError: if the actor is the candidate.
    :raises NotOnCommitteeError: if the submission is not among those the actor may read.
    :raises FileHeldError: if another person than `over` has the file in hand.
    :raises intake.submissions.errors.SubmissionError: as `move_submission` does.
    """
    if submission.candidate_id == actor.pk:
        raise OwnSubmissionError
    if not visible_submissions(actor).filter(pk=submission.pk).exists():
        raise NotOnCommitteeError
    act_on_file(submission=submission, actor=actor, over=over, takes=False)
    return move_submission(submission=submission, action=action, actor=actor, reason=reason, version=version)
