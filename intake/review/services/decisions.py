"""Moving a submission, by those who may read it."""

from intake.accounts.models import User
from intake.review.errors import NotOnCommitteeError, OwnSubmissionError
from intake.review.selectors import visible_submissions
from intake.submissions.models import Submission
from intake.submissions.services import move_submission
from intake.submissions.states import Action


def decide_submission(
    *, submission: Submission, action: Action, actor: User, reason: str = "", version: int | None = None
) -> Submission:
    """Move `submission` as `action` says, if `actor` may read it; return it as it now stands.

    `version` is the submission's as the actor saw it; `None` moves whatever is there.

    :raises OwnSubmissionError: if the actor is the candidate.
    :raises NotOnCommitteeError: if the submission is not among those the actor may read.
    :raises intake.submissions.errors.SubmissionError: as `move_submission` does.
    """
    if submission.candidate_id == actor.pk:
        raise OwnSubmissionError
    if not visible_submissions(actor).filter(pk=submission.pk).exists():
        raise NotOnCommitteeError
    return move_submission(submission=submission, action=action, actor=actor, reason=reason, version=version)
