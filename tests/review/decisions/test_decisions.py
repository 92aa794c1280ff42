"""Decisions called by code other than a page: the operation itself refuses what a page never offers."""

import pytest

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.review.access.errors import NotOnCommitteeError
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.lifecycle.errors import MoveNotAllowedError
from intake.submissions.states import Action
from tests.factories.people import give_role, make_staff, make_user
from tests.factories.review import make_filed, make_reviewer
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db


def test_a_reviewer_moves_only_files_of_their_committees() -> None:
    submission = make_filed(make_open_offer())
    for stranger in (make_reviewer(make_open_offer()), make_reviewer(), make_user()):
        with pytest.raises(NotOnCommitteeError):
            move_as_reviewer(submission=submission, action=Action.START_REVIEW, actor=stranger)
    member = make_reviewer(submission.offer)
    moved = move_as_reviewer(submission=submission, action=Action.START_REVIEW, actor=member)
    assert moved.state == "UNDER_REVIEW"
    with pytest.raises(MoveNotAllowedError):
        move_as_reviewer(submission=submission, action=Action.SHORTLIST, actor=member)
    assert (
        move_as_reviewer(submission=submission, action=Action.SHORTLIST, actor=make_staff()).state
        == "SHORTLISTED"
    )


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.STAFF])
def test_a_user_may_not_move_their_own_submission(role: Role) -> None:
    submission = make_filed(make_open_offer())
    give_role(user=submission.candidate, role=role)
    candidate = User.objects.get(pk=submission.candidate.pk)
    with pytest.raises(NotOnCommitteeError):
        move_as_reviewer(submission=submission, action=Action.START_REVIEW, actor=candidate)
    submission.refresh_from_db()
    assert submission.state == "SUBMITTED"
