"""Scores by the offer's grid lines: the formula, private drafts, marks hidden until one's own are in, weights."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.review.access.errors import HumanReviewPendingError
from intake.review.committees.operations import add_committee_member
from intake.review.dashboard.figures import work_counts
from intake.review.marks.errors import (
    AlreadySubmittedError,
    NothingWeighsError,
    UnknownLineError,
    UnmarkedError,
    WeightOutOfBoundsError,
)
from intake.review.marks.operations import (
    AssessmentData,
    LineMarkData,
    save_assessment,
    set_line_weights,
    submit_assessment,
)
from intake.review.marks.queries import mean_of
from intake.review.marks.scores import score_of
from intake.review.models import Assessment
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Submission
from offers.models import GridLineData
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_assessment, make_filed, make_filed_for_review, make_reviewer
from tests.factories.submissions import ALL_DECLARATIONS, make_open_offer

pytestmark = pytest.mark.django_db

AT = datetime(2027, 10, 4, 14, 32, tzinfo=UTC)
LATER = datetime(2027, 10, 5, 9, 0, tzinfo=UTC)
GRID = (
    GridLineData(text="a déjà mené un projet"),
    GridLineData(text="connaître R est un atout", requirement="ASSET"),
    GridLineData(text="rédige avec rigueur"),
)


@pytest.fixture(scope="module")
def made(module_db: None) -> tuple[Submission, User]:
    filed = make_filed(make_open_offer(grid=GRID))
    return filed, make_reviewer(filed.offer)


@pytest.fixture
def filed(kept: tuple[Submission, User]) -> Submission:
    """A submission to an offer with two required lines and one asset line."""
    return kept[0]


@pytest.fixture
def reviewer(kept: tuple[Submission, User]) -> User:
    return kept[1]


def assessment_data(
    submission: Submission, *marks: int | None, remark: str = "", note: str = ""
) -> AssessmentData:
    lines = submission.offer.grid_lines.order_by("position")
    return AssessmentData(
        lines={line.pk: LineMarkData(one, remark) for line, one in zip(lines, marks, strict=True)}, note=note
    )


def submit(submission: Submission, reviewer: User, *marks: int | None, **changes: Any) -> Assessment:
    said: dict[str, Any] = {"version": 0, "at": AT} | changes
    return submit_assessment(
        submission=submission, reviewer=reviewer, given=assessment_data(submission, *marks), **said
    )


@pytest.mark.parametrize(
    "marks, weights, score",
    [
        ({1: 4}, {1: 2}, "4.000"),
        ({1: 5, 2: 0}, {1: 2, 2: 1}, "3.333"),
        ({1: 5, 2: 5, 3: 2}, {1: 1, 2: 1, 3: 1}, "4.000"),
        ({1: 5, 2: 0}, {1: 2, 2: 0}, "5.000"),
        ({1: 1, 2: 0}, {1: 1, 2: 15}, "0.063"),  # 0.0625 is rounded half up
        ({1: 5, 2: 2}, {1: 0, 2: 0}, "3.500"),
        ({1: 3}, {1: 2, 2: 9}, "3.000"),
    ],
)
def test_a_score_is_the_weighted_mean(marks: dict[int, int], weights: dict[int, int], score: str) -> None:
    assert str(score_of(marks, weights)) == score


def test_a_score_requires_at_least_one_mark() -> None:
    with pytest.raises(ValueError, match="no mark"):
        score_of({}, {1: 1})


def test_a_required_line_has_twice_the_weight_of_an_asset(filed: Submission, reviewer: User) -> None:
    kept = submit(filed, reviewer, 5, 0, 4)
    assert (kept.score, kept.first_score) == (Decimal("3.600"), Decimal("3.600"))
    assert mean_of(filed) == (Decimal("3.600"), 1)


# -- A draft -------------------------------------------------------------------------------------------------
def test_a_draft_of_an_assessment_is_private_and_not_counted(filed: Submission, reviewer: User) -> None:
    said = assessment_data(filed, 5, None, None, remark="Remarque privée.", note="Note privée.")
    save_assessment(submission=filed, reviewer=reviewer, given=said, version=0, at=AT)
    assert mean_of(filed) == (None, 0)
    assert work_counts(reviewer)["unmarked"] == 1
    colleague = make_reviewer(filed.offer)
    submit(filed, colleague, 1, 1, 1)
    for person in (make_staff(), colleague):
        page = client_of(person).get(reverse("review:file", args=[filed.public_id])).content.decode()
        assert "Remarque privée." not in page
        assert "Note privée." not in page
    own = client_of(reviewer).get(reverse("review:file", args=[filed.public_id])).content.decode()
    assert "Remarque privée." in own
    assert "visible pour vous seulement, enregistré le" in own


def test_submitting_names_the_lines_without_a_mark(filed: Submission, reviewer: User) -> None:
    lines = list(filed.offer.grid_lines.order_by("position"))
    with pytest.raises(UnmarkedError) as refused:
        submit(filed, reviewer, None, 3, None)
    assert refused.value.lines == (lines[0].pk, lines[2].pk)
    assert not Assessment.objects.exists()


def test_a_line_of_another_offer_is_refused(filed: Submission, reviewer: User) -> None:
    other = make_open_offer(grid=GRID).grid_lines.all()[0]
    with pytest.raises(UnknownLineError):
        save_assessment(
            submission=filed,
            reviewer=reviewer,
            given=AssessmentData(lines={other.pk: LineMarkData(3)}),
            version=0,
            at=AT,
        )


def test_a_resubmitted_assessment_keeps_its_first_score(filed: Submission, reviewer: User) -> None:
    submit(filed, reviewer, 5, 5, 5)
    with pytest.raises(AlreadySubmittedError):
        save_assessment(
            submission=filed,
            reviewer=reviewer,
            given=assessment_data(filed, 1, None, None),
            version=1,
            at=LATER,
        )
    again = submit(filed, reviewer, 3, 3, 3, version=1, at=LATER)
    assert (again.score, again.first_score, again.submitted_at) == (Decimal(3), Decimal(5), LATER)
    entries = Entry.objects.filter(action="ASSESSMENT_SUBMITTED").order_by("pk")
    assert [entry.detail for entry in entries] == ["version 1", "version 2"]


def test_an_assessment_of_a_replaced_filing_starts_again(filed: Submission, reviewer: User) -> None:
    submit(filed, reviewer, 5, 5, 5)
    second = start_amendment(submission=filed, actor=filed.candidate)
    file_draft(draft=second, actor=filed.candidate, declarations=ALL_DECLARATIONS)
    assert mean_of(filed) == (None, 0)
    assert submit(filed, reviewer, 2, 2, 2, version=1, at=LATER).first_score == 2


# -- Hidden until one's own is submitted -------------------------------------------------------------------------
def test_assessments_of_others_are_hidden_until_the_own_is_submitted(
    filed: Submission, reviewer: User
) -> None:
    colleague = make_reviewer(filed.offer)
    make_assessment(filed, colleague, 2, "Ce que pense une collègue.")
    member = make_staff()
    add_committee_member(offer=filed.offer, reviewer=member)
    address = reverse("review:file", args=[filed.public_id])
    queue = reverse("admin:submissions_submission_changelist")
    for person in (reviewer, member):
        browser = client_of(person)
        for hidden in (browser.get(address), browser.get(queue)):
            shown = hidden.content.decode()
            assert "Ce que pense une collègue." not in shown
            assert "2,0 (1\u00a0note)" not in shown
    outside = client_of(make_staff())
    assert "Ce que pense une collègue." in outside.get(address).content.decode()
    assert "2,0 (1\u00a0note)" in outside.get(queue).content.decode()
    for person in (reviewer, member):
        submit(filed, person, 4, 4, 4)
        assert "Ce que pense une collègue." in client_of(person).get(address).content.decode()
    seen = client_of(reviewer).get(address).context
    assert {row["reviewer"] for row in seen["compared"]} == {colleague, reviewer, member}
    assert [[one.mark for one in line["marks"]] for line in seen["compared_lines"]] == [[2, 4, 4]] * 3
    assert "3,3 (3\u00a0notes)" in client_of(member).get(queue).content.decode()


# -- On the page ---------------------------------------------------------------------------------------------
def test_the_page_has_a_mark_per_line_and_reports_missing_ones(filed: Submission, reviewer: User) -> None:
    first, second, third = filed.offer.grid_lines.order_by("position")
    browser, address = client_of(reviewer), reverse("review:file", args=[filed.public_id])
    page = browser.get(address).content.decode()
    assert "Connaître R est un atout" in page
    assert page.count("Atout") == 1
    sent = {
        "version": 0,
        "filing": filed.standing_filing_id,
        f"line_{first.pk}": "5",
        f"line_{second.pk}": "3",
        f"remark_{first.pk}": "Trois ans.",
    }
    refused = browser.post(address, sent | {"acte": "remettre"})
    assert refused.status_code == 422
    assert f'id="id_line_{third.pk}_error"' in refused.content.decode()
    assert "Trois ans." in refused.content.decode()
    assert not Assessment.objects.exists()
    assert browser.post(address, sent | {"acte": "brouillon"}).status_code == 302
    sent |= {"version": 1, f"line_{third.pk}": "1", "acte": "remettre"}
    assert browser.post(address, sent).status_code == 302
    assert Assessment.objects.get().score == Decimal("3.000")
    assert "Remettre de nouveau" in browser.get(address).content.decode()


# -- Weights -------------------------------------------------------------------------------------------------
def test_changed_weights_change_the_scores_and_keep_first_scores(filed: Submission, reviewer: User) -> None:
    submit(filed, reviewer, 5, 0, 4)
    staff = make_staff()
    first, second, third = filed.offer.grid_lines.order_by("position")
    weights = {first.pk: 0, second.pk: 1, third.pk: 3}
    assert set_line_weights(offer=filed.offer, weights=weights, actor=staff) == 1
    kept = Assessment.objects.get()
    assert (kept.score, kept.first_score) == (Decimal("3.000"), Decimal("3.600"))
    assert submit(filed, make_reviewer(filed.offer), 0, 4, 4).score == 4
    assert Entry.objects.get(action="LINES_WEIGHED").detail == "1=0, 2=1, 3=3"


def test_the_page_of_weights_reports_changes_and_errors(filed: Submission, reviewer: User) -> None:
    submit(filed, reviewer, 5, 0, 4)
    address = reverse("review:weights", args=[filed.offer.number])
    first, second, third = filed.offer.grid_lines.order_by("position")
    browser = client_of(make_staff())
    assert browser.get(address).content.decode().count('value="2"') == 2
    sent: dict[str, object] = {f"weight_{line.pk}": 0 for line in (first, second, third)}
    assert "Le formulaire reçu est incomplet" in browser.post(address, sent).content.decode()
    sent |= {"seen": browser.get(address).context["form"]["seen"].value()}
    assert "Toutes les lignes sont à zéro" in browser.post(address, sent).content.decode()
    assert "de 0 à 10" in browser.post(address, sent | {f"weight_{third.pk}": 11}).content.decode()
    done = browser.post(address, sent | {f"weight_{third.pk}": 1}, follow=True)
    assert "1 note globale a changé" in done.content.decode()
    assert mean_of(filed) == (Decimal(4), 1)
    assert client_of(reviewer).get(address).status_code == 403


def test_weights_are_changed_by_staff_within_limits(filed: Submission, reviewer: User) -> None:
    first, second, third = filed.offer.grid_lines.order_by("position")
    staff = make_staff()
    with pytest.raises(PermissionDenied):
        set_line_weights(offer=filed.offer, weights={first.pk: 1}, actor=reviewer)
    with pytest.raises(WeightOutOfBoundsError):
        set_line_weights(offer=filed.offer, weights={first.pk: 11}, actor=staff)
    with pytest.raises(NothingWeighsError):
        set_line_weights(
            offer=filed.offer, weights=dict.fromkeys((first.pk, second.pk, third.pk), 0), actor=staff
        )
    set_line_weights(offer=filed.offer, weights={first.pk: 0}, actor=staff)  # the others weigh
    assert first.weight.weight == 0
    with pytest.raises(UnknownLineError):
        set_line_weights(offer=make_open_offer(), weights={first.pk: 1}, actor=staff)


# -- The database --------------------------------------------------------------------------------------------


def test_no_line_is_marked_while_a_human_review_is_pending() -> None:
    reserved = make_filed_for_review(make_open_offer(grid=GRID))
    reviewer = make_reviewer(reserved.offer)
    lines = {line.pk: LineMarkData(4) for line in reserved.offer.grid_lines.all()}
    with pytest.raises(HumanReviewPendingError):
        save_assessment(
            submission=reserved, reviewer=reviewer, given=AssessmentData(lines=lines), version=0, at=AT
        )
    assert not Assessment.objects.exists()
    remarks = {number: LineMarkData(None, "Solide.") for number in lines}
    save_assessment(
        submission=reserved, reviewer=reviewer, given=AssessmentData(lines=remarks), version=0, at=AT
    )
    assert Assessment.objects.get().score is None
