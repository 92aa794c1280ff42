"""One assessment per reviewer and submission: a private draft until it is submitted."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from eligibility import CriterionKind
from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.review.access.errors import (
    HumanReviewPendingError,
    NotFiledError,
    NotOnCommitteeError,
    OwnSubmissionError,
    StaleFilingError,
)
from intake.review.marks.errors import StaleAssessmentError
from intake.review.marks.operations import AssessmentData, save_assessment, submit_assessment
from intake.review.marks.queries import mean_of
from intake.review.models import Assessment, CommitteeMember
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.filing.operations import file_draft
from intake.submissions.filing.sealed_filing import read_filing
from intake.submissions.models import Ruling, Submission
from tests.database_roles import as_owner
from tests.factories.people import client_of, give_role, make_staff
from tests.factories.review import make_assessment, make_filed_for_review, make_reviewer, make_ruling
from tests.factories.submissions import ALL_DECLARATIONS, make_draft, make_open_offer

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


def test_a_filing_replaced_meanwhile_keeps_the_typed_assessment(filed: Submission, reviewer: User) -> None:
    old = filed.standing_filing_id
    draft = start_amendment(submission=filed, actor=filed.candidate)
    file_draft(draft=draft, actor=filed.candidate, declarations=ALL_DECLARATIONS)
    filed.refresh_from_db()
    status, page = post(reviewer, filed, filing=old, note="Sur l’ancien dépôt.")
    assert status == 422
    assert "a remplacé son dépôt pendant votre lecture" in page
    assert "Sur l’ancien dépôt." in page
    assert f'name="filing" value="{filed.standing_filing_id}"' in page
    assert not Assessment.objects.exists()


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
