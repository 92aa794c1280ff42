"""Ask the candidate for a complement, by a person who may."""

from django.db import transaction

from intake.accounts.models import User
from intake.review.moves.operations import check_may_act
from intake.submissions.complements.operations import ComplementContent, request_complement
from intake.submissions.models import ComplementRequest, Submission
from intake.submissions.states import TABLE, Action


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
    """Ask its candidate to complete the file, if `actor` may read it, and return the request.

    `over` and `despite` are those of `decide_submission`.

    :raises ReviewError: as `decide_submission` does.
    :raises intake.submissions.lifecycle.errors.SubmissionError: as `request_complement` does, and ValueError.
    """
    move = TABLE[Action.REQUEST_COMPLEMENT]
    check_may_act(submission=submission, move=move, actor=actor, over=over, despite=despite)
    return request_complement(submission=submission, actor=actor, asked=asked, version=version)
