"""A refused move: its page shows the one reason that applies, and nothing changes."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.review.models import Evidence
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.models import Ruling, Submission
from intake.submissions.states import Action, State
from offers.models import Offer
from tests.factories.decisions import decide
from tests.factories.offers import cancel_offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import (
    make_conflict,
    make_filed,
    make_filed_for_review,
    make_ruling,
    make_shortlisted,
)
from tests.factories.submissions import make_open_offer
from tests.review.parts import copy_of
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db


UNCHANGED = "Rien n’a changé."
AGE = 1  # position in the demonstration's rulebook


class CaseData(NamedTuple):
    """An offer with a received file, one with a review request and a selected one; and a staff member."""

    offer: Offer
    filed: Submission
    reserved: Submission
    selected: Submission
    staff: User


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer = make_open_offer()
    chosen = make_shortlisted(offer)
    decide(chosen, action=Action.SELECT)
    chosen = Submission.objects.get(pk=chosen.pk)
    return CaseData(offer, make_filed(offer), make_filed_for_review(offer), chosen, make_staff())


staff = copy_of("staff")


def page_of(submission: Submission, action: Action) -> str:
    slug = action.value.lower().replace("_", "-")
    return reverse("review:move", args=[submission.public_id, slug])


def refusal_text(
    staff: User, submission: Submission, action: Action, meanwhile: Callable[[], object] = lambda: None
) -> str:
    """Open the confirmation of `action`, call `meanwhile`, confirm. Return the text of the page that follows."""
    client = client_of(staff)
    submission.refresh_from_db()
    sent = {"version": str(submission.version), "reason": "Vu.", "shown": "on"}
    client.get(page_of(submission, action))
    meanwhile()
    before = Submission.objects.get(pk=submission.pk).state
    answer = client.post(page_of(submission, action), sent, follow=True)
    assert answer.status_code == 200
    assert Submission.objects.get(pk=submission.pk).state == before
    return text_of(answer.content)


def move(submission: Submission, action: Action, reason: str = "") -> None:
    move_as_reviewer(submission=submission, action=action, actor=make_staff(), reason=reason)


def test_a_concurrent_move_is_reported_with_the_current_state(kept: CaseData, staff: User) -> None:
    submission = kept.filed
    move(submission, Action.START_REVIEW)
    said = refusal_text(staff, submission, Action.SHORTLIST, lambda: move(submission, Action.SHORTLIST))
    assert "Une autre personne a changé l’état de cette candidature" in said
    assert f"« {State.SHORTLISTED.label} »" in said


def test_a_withdrawn_file_is_reported_as_withdrawn(kept: CaseData, staff: User) -> None:
    submission = kept.filed

    def withdraw() -> None:
        withdraw_submission(submission=submission, actor=submission.candidate, reason="Non.")

    said = refusal_text(staff, submission, Action.START_REVIEW, withdraw)
    assert f"« {State.WITHDRAWN.label} »" in said


def test_a_pending_human_review_is_reported(kept: CaseData, staff: User) -> None:
    said = refusal_text(staff, kept.reserved, Action.START_REVIEW)
    assert "Révisez d’abord chaque critère en cause" in said


def test_an_upheld_file_is_reported_to_be_reviewed_again_instead(kept: CaseData, staff: User) -> None:
    submission = make_ruling(kept.reserved, AGE, Ruling.Decision.CONFIRMED)
    assert submission.state == State.INADMISSIBLE
    said = refusal_text(staff, submission, Action.REOPEN)
    assert "Rouvrir la révision permet de réviser de nouveau chaque critère en cause" in said


def test_no_stage_starts_for_an_offer_cancelled_meanwhile(kept: CaseData, staff: User) -> None:
    submission = kept.selected

    def cancel() -> None:
        cancel_offer(offer=kept.offer, author=make_staff(), reason="Fermé.", at=timezone.now())

    assert "L’offre est annulée" in refusal_text(staff, submission, Action.PLACE, cancel)


def test_no_stage_starts_on_a_finding_contradicted_meanwhile(kept: CaseData, staff: User) -> None:
    submission = kept.selected
    filing = submission.standing_filing
    assert filing is not None

    def contradict() -> None:
        Evidence.objects.create(
            filing=filing,
            position=filing.verdict.blocking[0],
            kind="AGE",
            outcome=Evidence.Outcome.CONTRADICTED,
            note="Né plus tôt.",
            author=make_staff(),
        )

    said = refusal_text(staff, submission, Action.PLACE, contradict)
    assert f"est contredit, ou n’est pas confirmé d’après les documents. {UNCHANGED}" in said


def test_no_stage_ends_while_the_register_has_no_key(
    kept: CaseData, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = kept.selected
    move(submission, Action.PLACE)
    said = refusal_text(
        staff, submission, Action.COMPLETE, lambda: monkeypatch.setattr(settings, "REGISTER_KEYS", {})
    )
    assert "Le registre n’est pas configuré" in said
    assert UNCHANGED in said


def test_a_user_in_conflict_meanwhile_may_not_move_the_file(kept: CaseData, staff: User) -> None:
    submission = kept.filed
    move(submission, Action.START_REVIEW)
    other = kept.reserved
    said = refusal_text(staff, submission, Action.SHORTLIST, lambda: make_conflict(other, staff))
    assert "Vous avez un lien avec une candidature à cette offre" in said
