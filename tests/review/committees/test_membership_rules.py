"""Who may be a committee member: an active reviewer or staff member who may assess and is impartial."""

from collections.abc import Callable

import pytest

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.review.access.errors import (
    AlreadyOnCommitteeError,
    ApplicantError,
    InConflictError,
    NotAReviewerError,
    OwnMembershipError,
    OwnSubmissionError,
)
from intake.review.committees.operations import (
    add_committee_member,
    check_membership,
    remove_committee_member,
)
from intake.review.models import CommitteeMember
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.people import make_administrator, make_staff, make_user
from tests.factories.review import make_conflict, make_filed
from tests.factories.submissions import make_draft, make_open_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer() -> Offer:
    return make_open_offer()


def role_without_admin_access() -> User:
    """Return a user with the role who may not enter the administration."""
    user = make_staff(Role.REVIEWER)
    with as_owner():
        User.objects.filter(pk=user.pk).update(is_staff=False)
    return User.objects.get(pk=user.pk)


def closed() -> User:
    user = make_staff(Role.REVIEWER)
    User.objects.filter(pk=user.pk).update(is_active=False)
    return User.objects.get(pk=user.pk)


def closed_administrator() -> User:
    user = make_administrator()
    User.objects.filter(pk=user.pk).update(is_active=False)
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(
    "who, may",
    [
        (lambda: make_staff(Role.REVIEWER), True),
        (lambda: make_staff(Role.STAFF), True),
        (make_administrator, True),
        (make_user, False),
        (lambda: make_user(is_staff=True), False),
        (role_without_admin_access, False),
        (closed, False),
        (closed_administrator, False),
    ],
    ids=["reviewer", "staff", "administrator", "candidate", "no role", "no desk", "closed", "closed, of all"],
)
def test_a_member_is_an_active_user_who_may_assess(
    offer: Offer,
    who: Callable[[], User],
    may: bool,  # noqa: FBT001 -- a cell of the table
) -> None:
    person, done = who(), True
    try:
        check_membership(offer=offer, reviewer=person, actor=None)
    except NotAReviewerError:
        done = False
    assert done == may


def test_a_membership_is_given_and_removed_by_another_impartial_user(offer: Offer) -> None:
    member, applicant = make_staff(Role.REVIEWER), make_staff(Role.REVIEWER)
    make_draft(offer=offer, candidate=applicant)
    applied, bound, staff = make_staff(), make_staff(), make_staff()
    make_draft(offer=offer, candidate=applied)
    make_conflict(make_filed(offer), bound)
    for actor, reviewer, refusal in (
        (staff, staff, OwnMembershipError),
        (applied, member, OwnSubmissionError),
        (bound, member, InConflictError),
        (staff, applicant, ApplicantError),
        (None, applicant, ApplicantError),
    ):
        with pytest.raises(refusal):
            add_committee_member(offer=offer, reviewer=reviewer, actor=actor)
    assert not CommitteeMember.objects.exists()
    # Being partial to this offer does not count for another one.
    for actor in (applied, bound, None):
        seat = add_committee_member(offer=make_open_offer(), reviewer=make_staff(), actor=actor)
        assert CommitteeMember.objects.get(pk=seat.pk) == seat
    seat = add_committee_member(offer=offer, reviewer=member, actor=staff)
    assert (seat.offer, seat.reviewer) == (offer, member)
    with pytest.raises(AlreadyOnCommitteeError):
        add_committee_member(offer=offer, reviewer=member, actor=staff)
    for actor, refusal in (
        (member, OwnMembershipError),
        (applied, OwnSubmissionError),
        (bound, InConflictError),
    ):
        with pytest.raises(refusal):
            remove_committee_member(member=seat, actor=actor)
    remove_committee_member(member=seat, actor=staff)
    assert not CommitteeMember.objects.filter(offer=offer).exists()
    remove_committee_member(member=seat, actor=staff)  # sent twice
