"""One assessment per reviewer and submission: a private draft until it is submitted."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from eligibility import CriterionKind
from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.review.access.errors import (
    AlreadyOnCommitteeError,
    ApplicantError,
    HumanReviewPendingError,
    NotAReviewerError,
    NotFiledError,
    NotOnCommitteeError,
    OwnMembershipError,
    OwnSubmissionError,
    StaleFilingError,
)
from intake.review.committees.operations import add_committee_member, remove_committee_member
from intake.review.marks.errors import StaleAssessmentError
from intake.review.marks.operations import AssessmentData, save_assessment, submit_assessment
from intake.review.marks.queries import mean_of
from intake.review.models import Assessment, CommitteeMember
from intake.submissions.filing.sealed_filing import read_filing
from intake.submissions.models import Ruling, Submission
from tests.database_roles import as_owner
from tests.factories.people import client_of, give_role, make_staff, make_user
from tests.factories.review import make_assessment, make_filed_for_review, make_reviewer, make_ruling
from tests.factories.submissions import make_draft, make_open_offer

pytestmark = pytest.mark.django_db

AT = datetime(2027, 10, 4, 14, 32, tzinfo=UTC)


@pytest.fixture
def reviewer(filed: Submission) -> User:
    return make_reviewer(filed.offer)


def save(submission: Submission, reviewer: User, *, submits: bool = True, **changes: Any) -> Assessment:
    said: dict[str, Any] = {"mark": 4, "note": "Solide.", "version": 0, "at": AT} | changes
    given = AssessmentData(mark=said.pop("mark"), note=said.pop("note"))
    return (submit_assessment if submits else save_assessment)(
        submission=submission, reviewer=reviewer, given=given, **said
    )


def test_a_mark_and_a_note_are_stored_on_the_current_filing(filed: Submission, reviewer: User) -> None:
    kept = save(filed, reviewer)
    assert (kept.mark, kept.note, kept.version, kept.saved_at) == (4, "Solide.", 1, AT)
    assert kept.filing_id == filed.standing_filing_id
    assert (kept.submitted_at, kept.score, kept.first_score) == (AT, Decimal(4), Decimal(4))
    entry = Entry.objects.get(action="ASSESSMENT_SUBMITTED")
    assert (entry.actor, entry.subject_id, entry.detail) == (reviewer, str(filed.public_id), "version 1")


def test_a_second_save_replaces_the_first_and_a_stale_one_is_refused(
    filed: Submission, reviewer: User
) -> None:
    save(filed, reviewer)
    assert save(filed, reviewer, mark=2, version=1).version == 2
    with pytest.raises(StaleAssessmentError) as refused:
        save(filed, reviewer, mark=5, version=1)
    assert refused.value.saved_at == AT
    with pytest.raises(StaleAssessmentError):
        save(filed, reviewer, version=0)
    assert Assessment.objects.get().mark == 2


def test_a_button_pressed_twice_saves_once_without_a_conflict(filed: Submission, reviewer: User) -> None:
    first = save(filed, reviewer)
    again = save(filed, reviewer)
    assert (again.pk, again.version, again.saved_at) == (first.pk, 1, first.saved_at)
    assert Entry.objects.filter(action="ASSESSMENT_SUBMITTED").count() == 1


def test_a_mark_of_a_draft_may_be_cleared(filed: Submission, reviewer: User) -> None:
    save(filed, reviewer, submits=False)
    assert save(filed, reviewer, submits=False, mark=None, note="", version=1).mark is None


@pytest.mark.parametrize("value", [-1, 6])
def test_the_database_refuses_a_mark_outside_zero_to_five(
    filed: Submission, reviewer: User, value: int
) -> None:
    with pytest.raises(IntegrityError, match="a_mark_is_from_zero_to_five"), transaction.atomic():
        save(filed, reviewer, mark=value)


def test_only_committee_members_may_assess(filed: Submission) -> None:
    for person in (make_reviewer(), make_staff(), make_user()):
        with pytest.raises(NotOnCommitteeError):
            save(filed, person)


def test_a_member_who_lost_the_role_may_not_assess(filed: Submission, reviewer: User) -> None:
    with as_owner():
        reviewer.groups.clear()
    with pytest.raises(NotOnCommitteeError):
        save(filed, User.objects.get(pk=reviewer.pk))


def test_a_candidate_may_not_assess_their_own_submission(filed: Submission) -> None:
    give_role(user=filed.candidate, role=Role.REVIEWER)
    candidate = User.objects.get(pk=filed.candidate.pk)
    CommitteeMember.objects.create(offer=filed.offer, reviewer=candidate)  # a member before they applied
    with pytest.raises(OwnSubmissionError):
        save(filed, candidate)


def test_a_draft_submission_cannot_be_assessed() -> None:
    draft = make_draft()
    with pytest.raises(NotFiledError):
        save(draft.submission, make_reviewer(draft.submission.offer))


def test_an_assessment_of_another_filing_than_displayed_is_refused(filed: Submission, reviewer: User) -> None:
    with pytest.raises(StaleFilingError):
        save(filed, reviewer, filing_id=(filed.standing_filing_id or 0) + 1)


def test_no_mark_is_accepted_while_a_human_review_is_pending() -> None:
    reserved = make_filed_for_review(make_open_offer())
    reviewer = make_reviewer(reserved.offer)
    with pytest.raises(HumanReviewPendingError):
        save(reserved, reviewer)
    assert save(reserved, reviewer, submits=False, mark=None).note == "Solide."
    assert reserved.standing_filing is not None
    kinds = [row.kind for row in read_filing(reserved.standing_filing).verdict.findings]
    make_ruling(reserved, kinds.index(CriterionKind.AGE), Ruling.Decision.OVERTURNED)
    assert save(reserved, reviewer, version=1).mark == 4


def test_the_mean_counts_only_given_marks(filed: Submission) -> None:
    assert mean_of(filed) == (None, 0)
    for value in (5, 4, None):
        make_assessment(filed, make_reviewer(filed.offer), value)
    assert mean_of(filed) == (Decimal("4.5"), 2)


def test_a_committee_has_only_members_who_may_assess() -> None:
    offer = make_open_offer()
    reviewer = make_reviewer(offer)
    with pytest.raises(AlreadyOnCommitteeError):
        add_committee_member(offer=offer, reviewer=reviewer)
    with pytest.raises(NotAReviewerError):
        add_committee_member(offer=offer, reviewer=make_user())
    staff = make_staff()
    with pytest.raises(OwnMembershipError):
        add_committee_member(offer=offer, reviewer=staff, actor=staff)
    applicant = make_staff()
    make_draft(offer=offer, candidate=applicant)
    with pytest.raises(ApplicantError):
        add_committee_member(offer=offer, reviewer=applicant, actor=staff)
    with pytest.raises(OwnMembershipError):
        remove_committee_member(member=CommitteeMember.objects.get(), actor=reviewer)
    remove_committee_member(member=CommitteeMember.objects.get(), actor=staff)
    assert not CommitteeMember.objects.exists()
    actions = (
        Entry.objects.filter(action__startswith="COMMITTEE").order_by("pk").values_list("action", "detail")
    )
    assert list(actions) == [
        ("COMMITTEE_MEMBER_ADDED", str(reviewer.public_id)),
        ("COMMITTEE_MEMBER_REMOVED", str(reviewer.public_id)),
    ]


# -- On the page ---------------------------------------------------------------------------------------------
def post(reviewer: User, submission: Submission, **data: object) -> tuple[int, str]:
    shown = {
        "mark": "4",
        "note": "Solide.",
        "version": 0,
        "filing": submission.standing_filing_id,
        "acte": "remettre",
    } | data
    client = client_of(reviewer)
    answer = client.post(reverse("review:file", args=[submission.public_id]), shown)
    return answer.status_code, answer.content.decode()


def test_the_page_saves_and_displays_the_assessment(filed: Submission, reviewer: User) -> None:
    assert post(reviewer, filed)[0] == 302
    page = client_of(reviewer).get(reverse("review:file", args=[filed.public_id])).content.decode()
    assert "Solide." in page
    assert 'value="4" id="id_mark_5" checked' in page


def test_a_stale_assessment_keeps_typed_text_and_can_be_saved_again(
    filed: Submission, reviewer: User
) -> None:
    make_assessment(filed, reviewer, 2, "D’une autre fenêtre.")
    status, page = post(reviewer, filed, note="Ce que je viens d’écrire.")
    assert status == 422
    assert "autre fenêtre à" in page
    assert "Ce que je viens d’écrire." in page
    assert '<input type="hidden" name="version" value="1"' in page
    assert Assessment.objects.get().mark == 2
    assert post(reviewer, filed, version=1)[0] == 302
    assert Assessment.objects.get().mark == 4


def test_a_mark_during_a_human_review_is_refused_and_kept_on_the_page() -> None:
    reserved = make_filed_for_review(make_open_offer())
    status, page = post(make_reviewer(reserved.offer), reserved)
    assert status == 422
    assert "révisez d’abord chaque critère en cause" in page
    assert "Solide." in page
    assert not Assessment.objects.exists()


def test_an_invalid_mark_is_refused_with_a_message(filed: Submission, reviewer: User) -> None:
    status, page = post(reviewer, filed, mark="6")
    assert status == 422
    assert "Choisissez une note de 0 à 5." in page
    assert not Assessment.objects.exists()


def test_an_incomplete_assessment_form_is_refused_with_a_message(filed: Submission, reviewer: User) -> None:
    status, page = post(reviewer, filed, filing="rien")
    assert status == 422
    assert "Le formulaire reçu est incomplet" in page
    assert not Assessment.objects.exists()


def test_staff_outside_the_committee_read_the_marks_and_give_none(filed: Submission, reviewer: User) -> None:
    make_assessment(filed, reviewer, 3, "Lu par le personnel.")
    staff = make_staff()
    page = client_of(staff).get(reverse("review:file", args=[filed.public_id])).content.decode()
    assert "Lu par le personnel." in page
    assert "sans noter" in page
    status, page = post(staff, filed)
    assert status == 422
    assert Assessment.objects.count() == 1


def test_a_reviewer_never_reads_the_mark_of_another(filed: Submission, reviewer: User) -> None:
    make_assessment(filed, reviewer, 3, "Pour le personnel seulement.")
    other = make_reviewer(filed.offer)
    page = client_of(other).get(reverse("review:file", args=[filed.public_id])).content.decode()
    assert "Pour le personnel seulement." not in page
    staff_page = client_of(make_staff()).get(reverse("review:file", args=[filed.public_id]))
    assert "Pour le personnel seulement." in staff_page.content.decode()
    queue = reverse("admin:submissions_submission_changelist")
    shown = client_of(other).get(queue).content.decode()
    assert str(filed.public_id) in shown
    assert "3,0" not in shown
    assert "3,0" in client_of(make_staff()).get(queue).content.decode()


def test_an_assessment_stores_the_instant_of_the_request(filed: Submission, reviewer: User) -> None:
    before = timezone.now()
    post(reviewer, filed)
    assert before <= Assessment.objects.get().saved_at <= timezone.now()
