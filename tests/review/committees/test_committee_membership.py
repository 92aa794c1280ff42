"""A member who applies to the offer: their membership is invalid, and so are their assessments."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.review.access.committee_membership import assigned_to
from intake.review.access.errors import NotOnCommitteeError
from intake.review.access.visibility import committee_of, may_assess, visible_submissions
from intake.review.assignment.progress import progress_of
from intake.review.assignment.queries import members_of, propose_division
from intake.review.committees.operations import add_committee_member
from intake.review.dashboard.figures import work_counts
from intake.review.decisions.queries import in_decision_order
from intake.review.marks.queries import (
    are_marks_hidden,
    may_read_marks,
    mean_of,
    submissions_with_hidden_marks,
)
from intake.review.models import Assignment
from intake.review.ranking.table import ranking_table_of
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.models import Submission
from offers.models import Offer
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_assessment, make_filed, make_reviewer
from tests.factories.submissions import make_draft, make_open_offer
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db

TODAY = date(2027, 9, 1)


def member_staff(offer: Offer) -> User:
    staff = make_staff()
    add_committee_member(offer=offer, reviewer=staff)
    return staff


def test_a_draft_of_a_member_voids_membership_and_marks(offer: Offer, filed: Submission) -> None:
    rival, other = make_reviewer(offer), make_reviewer(offer)
    make_assessment(filed, rival, 5)
    make_assessment(filed, other, 1)
    assert mean_of(filed) == (Decimal(3), 2)
    make_draft(offer=offer, candidate=rival)
    assert not may_assess(user=rival, offer_id=offer.pk)
    assert not visible_submissions(rival).exists()
    assert mean_of(filed) == (Decimal(1), 1)
    staff = make_staff()
    assert ranking_table_of(user=staff, offer=offer).reviewers == 1
    with pytest.raises(NotOnCommitteeError):
        make_assessment(filed, rival, 4)
    assert client_of(rival).get(reverse("review:file", args=[filed.public_id])).status_code == 404


def test_a_member_who_withdrew_an_application_stays_excluded(offer: Offer, filed: Submission) -> None:
    rival = make_reviewer(offer)
    assert may_assess(user=rival, offer_id=offer.pk)
    own = make_filed(offer, candidate=rival)
    withdraw_submission(submission=own, actor=rival, reason="Non.")
    assert not may_assess(user=rival, offer_id=offer.pk)
    assert not visible_submissions(rival).filter(pk=filed.pk).exists()


def test_a_void_membership_gets_no_work(offer: Offer, filed: Submission) -> None:
    rival, other = make_reviewer(offer), make_reviewer(offer)
    for member in (rival, other):
        Assignment.objects.create(
            submission=filed, reviewer=member, way=Assignment.Way.HAND, assigned_by=make_staff()
        )
    make_draft(offer=offer, candidate=rival)
    staff = make_staff()
    assert [*members_of(offer)] == [*committee_of(filed)] == [other]
    assert propose_division(offer=offer, readers=2, actor=staff).members == (other,)
    assert [row.member for row in progress_of(offer=offer, actor=staff, on=TODAY).rows] == [other]
    assert not Submission.objects.filter(assigned_to(rival)).exists()
    assert work_counts(rival)["unmarked"] == 0
    Assignment.objects.filter(reviewer=other).delete()
    division = client_of(staff).get(reverse("review:assignments", args=[offer.number]))
    assert division.context["unread"] == "1"
    seats = client_of(staff).get(reverse("admin:review_committeemember_changelist"))
    shown = text_of(seats.content)
    assert (
        shown.count("siège sans effet") == shown.count("cette personne a une candidature à cette offre") == 1
    )
    assert shown.count("siège valide") == 1


def test_staff_who_applied_read_no_assessment_of_their_rivals(offer: Offer, filed: Submission) -> None:
    seated, never = member_staff(offer), make_staff()
    elsewhere = make_filed(make_open_offer())
    make_assessment(filed, make_reviewer(offer), 4, "Lu.")
    make_assessment(filed, seated, 2)
    make_assessment(elsewhere, make_reviewer(elsewhere.offer), 3)
    queue = reverse("admin:submissions_submission_changelist")
    own = text_of(client_of(seated).get(reverse("review:file", args=[filed.public_id])).content)
    assert "Remettre de nouveau" in own
    assert "Lu." in text_of(client_of(never).get(reverse("review:file", args=[filed.public_id])).content)
    for rival in (seated, never):
        make_draft(offer=offer, candidate=rival)
        assert not may_read_marks(user=rival, submission=filed)
        assert may_read_marks(user=rival, submission=elsewhere)
        rivals = Submission.objects.filter(pk=filed.pk)
        assert submissions_with_hidden_marks(user=rival, offer=offer, submissions=rivals) == {filed.pk}
        assert [are_marks_hidden(row) for row in in_decision_order(rivals, rival)] == [True]
        assert filed not in visible_submissions(rival)
        shown = [
            "4,0 (1" in text_of(client_of(person).get(queue, {"offre": str(offer.number)}).content)
            for person in (make_staff(), rival)
        ]
        assert shown == [True, False]
        assert client_of(rival).get(reverse("review:file", args=[filed.public_id])).status_code == 404


@pytest.mark.parametrize("role", [None, *Role])
def test_who_is_in_no_committee_reads_marks_only_as_a_decider(role: Role | None, filed: Submission) -> None:
    person = make_staff(role) if role else make_user()
    assert may_read_marks(user=person, submission=filed) is (role == Role.STAFF)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.STAFF])
def test_an_application_to_another_offer_keeps_the_membership(
    role: Role, offer: Offer, filed: Submission
) -> None:
    member = make_staff(role)
    add_committee_member(offer=offer, reviewer=member)
    make_draft(offer=make_open_offer(), candidate=member)
    make_assessment(filed, member, 4)
    assert may_read_marks(user=member, submission=filed)
    assert mean_of(filed) == (Decimal(4), 1)
