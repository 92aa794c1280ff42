"""Request a complement on behalf of a user who may."""

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
    """Request a complement of the file from its candidate, if `actor` may. Return the request.

    `over` and `despite` are those of `move_as_reviewer`.

    :raises ReviewError: as `move_as_reviewer`.
    :raises intake.submissions.lifecycle.errors.SubmissionError: as `request_complement`.
    :raises ValueError: as `request_complement`.
    """
    move = TABLE[Action.REQUEST_COMPLEMENT]
    check_may_act(submission=submission, move=move, actor=actor, over=over, despite=despite)
    return request_complement(submission=submission, actor=actor, asked=asked, version=version)
