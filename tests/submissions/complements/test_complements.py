"""Complement requests: scope, due date, permissions, and endings; then their answers."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from intake.dossiers.services import read_seal
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.submissions.complements.operations import (
    ComplementTooLateError,
    ComplementTooSoonError,
    EmptyComplementError,
    complement_days,
)
from intake.submissions.complements.queries import complement_is_expired
from intake.submissions.lifecycle.errors import (
    ComplementOpenError,
    ReasonMissingError,
    StaleSubmissionError,
)
from intake.submissions.lifecycle.operations import announce_move
from intake.submissions.models import ComplementRequest, Ruling, Submission, Transition
from intake.submissions.states import Action, HumanReview, State
from offers.models import Offer
from tests.factories.complements import (
    WORDS,
    close_after_filings,
    expire_request,
    request_complement_for,
    resume_without_complement,
)
from tests.factories.offers import TORONTO, cancel_offer
from tests.factories.people import at, make_staff, make_user
from tests.factories.review import make_filed_for_review, make_ruling
from tests.factories.submissions import make_extension, make_open_offer

pytestmark = pytest.mark.django_db
Ending = ComplementRequest.Ending


def _ending(asked: ComplementRequest) -> str:
    asked.refresh_from_db()
    return asked.ending


# -- Requesting -----------------------------------------------------------------------------------------------------
def test_a_request_stores_its_scope_with_its_due_date(filed: Submission) -> None:
    staff = make_staff()
    asked = request_complement_for(filed, staff=staff, sections=["etudes"], words=f"  {WORDS}\n")
    asked.refresh_from_db()
    assert (asked.words, asked.sections, asked.asked_by) == (WORDS, ["etudes"], staff)
    assert [row.kind for row in asked.documents.order_by("pk")] == ["CV"]
    assert asked.filing_id == filed.standing_filing_id
    assert asked.closing.time() == filed.offer.closing.time()
    assert (asked.ended_at, asked.ending, asked.answered_by) == (None, "", None)
    assert filed.state == State.COMPLEMENT_REQUESTED
    moved = Transition.objects.filter(submission=filed).latest("pk")
    assert (moved.action, moved.from_state, moved.reason) == ("REQUEST_COMPLEMENT", "SUBMITTED", WORDS)
    assert Entry.objects.get(action="SUBMISSION_REQUEST_COMPLEMENT").actor == staff
    assert Delivery.objects.get(kind="COMPLEMENT_REQUEST_MAIL").key == str(asked.pk)


@pytest.mark.parametrize(
    "changes, refusal",
    [
        ({"words": " \n"}, ReasonMissingError),
        ({"documents": []}, EmptyComplementError),
        ({"sections": ["inconnue"]}, ValueError),
        ({"days": 1}, ComplementTooSoonError),
        ({"days": 400}, ComplementTooLateError),
        ({"version": 0}, StaleSubmissionError),
    ],
)
def test_an_invalid_request_raises_and_stores_no_row(
    filed: Submission, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        request_complement_for(filed, **changes)
    filed.refresh_from_db()
    assert filed.state == State.SUBMITTED
    assert not ComplementRequest.objects.exists()


def test_a_document_of_another_offer_cannot_be_requested(filed: Submission) -> None:
    with pytest.raises(ValueError, match="what the offer asks"):
        request_complement_for(filed, documents=[make_open_offer().documents.get(kind="CV")])


# -- Due date -------------------------------------------------------------------------------------------------------
def _offer(closes: str = "2027-03-01T05:00:00+00:00", **changes: Any) -> Offer:
    return Offer(
        closes_at=at(closes),
        time_zone="America/Toronto",
        starts_on=at("2027-06-01T12:00+00:00").date(),
        **changes,
    )


@pytest.mark.parametrize(
    "now, closes, first",
    [
        # A day ends at midnight: the second day after now, unless exactly 48 hours are left.
        ("2027-03-10T17:00:00+00:00", "2027-03-01T05:00:00+00:00", "2027-03-12"),
        ("2027-03-11T05:00:00+00:00", "2027-03-01T05:00:00+00:00", "2027-03-12"),
        ("2027-03-11T05:00:00.000001+00:00", "2027-03-01T05:00:00+00:00", "2027-03-13"),
        # Closing at 17:00 in Québec: a day ends at that hour.
        ("2027-03-10T22:00:00+00:00", "2027-03-01T22:00:00+00:00", "2027-03-12"),
        ("2027-03-10T22:00:00.000001+00:00", "2027-03-01T22:00:00+00:00", "2027-03-13"),
        # The hour that is skipped on 14 March does not count.
        ("2027-03-13T05:00:00+00:00", "2027-03-01T05:00:00+00:00", "2027-03-15"),
    ],
)
def test_the_first_day_leaves_48_elapsed_hours(now: str, closes: str, first: str) -> None:
    days = complement_days(_offer(closes), at=at(now))
    assert days.first.isoformat() == first
    assert days.last.isoformat() == "2027-05-31"


def test_the_default_due_day_is_ten_days_later_within_the_possible_ones(settings: Any) -> None:
    now, offer = at("2027-03-10T17:00:00+00:00"), _offer()
    assert complement_days(offer, at=now).usual.isoformat() == "2027-03-20"
    evening = at("2027-03-11T03:00:00+00:00")
    assert complement_days(offer, at=evening).usual.isoformat() == "2027-03-20", "a day of the offer's zone"
    settings.COMPLEMENT_DAYS = 365
    assert complement_days(offer, at=now).usual.isoformat() == "2027-05-31"
    kept = at("2027-06-15T04:00:00+00:00")
    assert not complement_days(offer, at=now, kept=kept).is_possible
    assert complement_days(offer, at=at("2027-05-20T17:00:00+00:00")).is_possible
    assert not complement_days(offer, at=at("2027-05-31T17:00:00+00:00")).is_possible


def test_a_complement_is_due_at_the_closing_hour_of_the_offer(filed: Submission) -> None:
    asked = request_complement_for(filed, days=3)
    closes, due = filed.offer.closing, asked.due_at.astimezone(TORONTO)
    assert (due.hour, due.minute, due.second) == (closes.hour, closes.minute, closes.second)
    last_day = (due - timedelta(microseconds=1)).date()
    assert last_day == timezone.now().astimezone(TORONTO).date() + timedelta(days=3)


# -- Requesting again -----------------------------------------------------------------------------------------------
def test_a_second_request_replaces_the_first_and_leaves_no_less_time(filed: Submission) -> None:
    first = request_complement_for(filed, days=10)
    with pytest.raises(ComplementTooSoonError) as refused:
        request_complement_for(filed, days=9)
    assert refused.value.earliest == first.due_at
    second = request_complement_for(filed, days=10, words="Il manque aussi une page.", sections=["etudes"])
    assert (_ending(first), _ending(second)) == (Ending.REPLACED, "")
    assert filed.state == State.COMPLEMENT_REQUESTED
    assert request_complement_for(filed, days=12).due_at > second.due_at
    assert Delivery.objects.filter(kind="COMPLEMENT_REQUEST_MAIL").count() == 3


# -- Endings --------------------------------------------------------------------------------------------------------
def test_the_review_resumes_without_the_complement_for_a_reason(filed: Submission) -> None:
    asked, staff = request_complement_for(filed), make_staff()
    with pytest.raises(ReasonMissingError):
        resume_without_complement(submission=filed, actor=staff, reason=" ")
    assert _ending(asked) == ""
    resume_without_complement(submission=filed, actor=staff, reason="Lisible, tout compte fait.")
    filed.refresh_from_db()
    asked.refresh_from_db()
    assert (filed.state, asked.ending) == (State.SUBMITTED, Ending.RESUMED)
    assert asked.ended_at is not None
    assert not Submission.objects.get(pk=filed.pk).window.is_open(timezone.now())


def _refuse(submission: Submission) -> Submission:
    return announce_move(
        submission=submission,
        action=Action.FIND_INADMISSIBLE,
        actor=make_staff(),
        version=None,
        words="Rien reçu.",
    )


def test_no_decision_is_permitted_before_the_due_instant(filed: Submission) -> None:
    asked = request_complement_for(filed)
    with pytest.raises(ComplementOpenError) as refused:
        _refuse(filed)
    assert refused.value.due_at == asked.due_at
    expire_request(asked, until="transaction_timestamp() + interval '1 microsecond'")
    with pytest.raises(ComplementOpenError):
        _refuse(filed)
    expire_request(asked)
    assert _refuse(filed).state == State.INADMISSIBLE
    assert _ending(asked) == Ending.DECIDED


def test_a_request_of_a_cancelled_offer_blocks_no_decision(filed: Submission) -> None:
    asked = request_complement_for(filed)
    cancel_offer(offer=filed.offer, author=make_staff(), reason="Fin.", at=timezone.now())
    assert _refuse(filed).state == State.INADMISSIBLE
    assert _ending(asked) == Ending.DECIDED


# -- With a review request ------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def kept_reserved(module_db: None) -> Submission:
    return make_filed_for_review(make_open_offer())


@pytest.fixture
def reserved(kept_reserved: Submission) -> Submission:
    """A submission that the rules refuse for its age only, with a pending review request."""
    return deepcopy(kept_reserved)


def _position(submission: Submission) -> int:
    from intake.submissions.rulings.queries import refused_positions  # noqa: PLC0415 -- used by this helper only

    assert submission.standing_filing is not None
    return next(iter(refused_positions(read_seal(submission.standing_filing.seal).verdict)))


@pytest.mark.parametrize("decision", list(Ruling.Decision))
def test_a_ruling_waits_for_the_due_instant_of_a_complement(
    reserved: Submission, decision: Ruling.Decision
) -> None:
    close_after_filings(reserved.offer)
    asked, position = request_complement_for(reserved), _position(reserved)
    with pytest.raises(ComplementOpenError):
        make_ruling(reserved, position, decision)
    expire_request(asked)
    make_ruling(reserved, position, decision)
    reserved.refresh_from_db()
    confirmed = decision == Ruling.Decision.CONFIRMED
    assert reserved.reserve == (HumanReview.UPHELD if confirmed else HumanReview.LIFTED)
    assert reserved.state == (State.INADMISSIBLE if confirmed else State.COMPLEMENT_REQUESTED)
    assert _ending(asked) == (Ending.DECIDED if confirmed else "")


def test_a_complement_is_overdue_once_its_candidate_can_no_longer_answer(filed: Submission) -> None:
    asked = request_complement_for(filed)

    def overdue() -> bool:
        return Submission.objects.filter(complement_is_expired(), pk=filed.pk).exists()

    assert not overdue()
    expire_request(asked)
    assert overdue()
    make_extension(filed.offer, make_user())
    assert overdue(), "another candidate has more time"
    make_extension(filed.offer, filed.candidate)
    assert not overdue()
    Submission.objects.filter(pk=filed.pk).update(state="UNDER_REVIEW")
    assert not overdue()


# -- Time limit -----------------------------------------------------------------------------------------------------
