"""Whoever has a stake in an offer advances, refuses and judges none of its candidatures: alone or together."""

from typing import Any

import pytest
from django.urls import reverse

from intake.accounts.models import User
from intake.review.errors import InConflictError, OwnSubmissionError
from intake.review.services import decide_submission, declare_conflict, judge_finding
from intake.submissions.models import Ruling, Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.bulk import done_at_once
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed, make_reserved, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db

BOUND = "Vous avez un lien avec une candidature à cette offre"


@pytest.fixture
def offer() -> Offer:
    return make_open_offer()


@pytest.fixture(params=["applied", "in conflict"])
def bound(request: pytest.FixtureRequest, offer: Offer) -> User:
    """Return a member of the staff who applied to the offer, or knows somebody who did."""
    staff = make_staff()
    if request.param == "applied":
        make_filed(offer, candidate=staff)
    else:
        declare_conflict(submission=make_filed(offer), reviewer=staff, actor=staff)
    return staff


def state_of(submission: Submission) -> str:
    submission.refresh_from_db()
    return submission.state


def test_no_move_that_decides_is_theirs(offer: Offer, bound: User) -> None:
    competitor = make_shortlisted(offer)
    asked: dict[str, Any] = {"submission": competitor, "action": Action.LEAVE_SHORTLIST, "reason": "Non."}
    with pytest.raises((OwnSubmissionError, InConflictError)):
        decide_submission(**asked, actor=bound)
    (said,) = done_at_once(bound, Action.RECOMMEND, competitor)
    assert BOUND in said
    assert state_of(competitor) == "SHORTLISTED"
    assert decide_submission(**asked, actor=make_staff()).state == "UNDER_REVIEW"
    # What any member of the committee does chooses nobody.
    received = make_filed(offer)
    assert decide_submission(submission=received, action=Action.START_REVIEW, actor=bound).state
    # Nor is what they have to do with one offer a word on the others.
    elsewhere = make_shortlisted(make_open_offer())
    assert decide_submission(submission=elsewhere, action=Action.RECOMMEND, actor=bound).state


def test_no_finding_is_theirs_to_judge(offer: Offer, bound: User) -> None:
    filing = make_reserved(offer).standing_filing
    assert filing is not None
    position = filing.verdict.blocking[0]
    asked: dict[str, Any] = {
        "filing": filing,
        "position": position,
        "decision": Ruling.Decision.OVERTURNED,
        "reason": "Vu.",
    }
    with pytest.raises((OwnSubmissionError, InConflictError)):
        judge_finding(**asked, actor=bound)
    assert not Ruling.objects.exists()


def test_the_pages_offer_nothing_that_would_be_refused(offer: Offer, bound: User) -> None:
    competitor, reserved = make_shortlisted(offer), make_reserved(offer)
    client, free = client_of(bound), client_of(make_staff())
    page = reverse("review:file", args=[competitor.public_id])
    move = reverse("review:move", args=[competitor.public_id, "recommend"])
    assert move in free.get(page).content.decode()
    assert move not in client.get(page).content.decode()
    for answer in (
        client.get(move, follow=True),
        client.post(move, {"version": competitor.version}, follow=True),
    ):
        assert BOUND in text_of(answer.content)
    assert state_of(competitor) == "SHORTLISTED"
    page = reverse("review:file", args=[reserved.public_id])
    assert "Motif" in text_of(free.get(page).content)
    assert 'name="constat-' not in client.get(page).content.decode()
    judged = reverse("review:rule", args=[reserved.public_id, 0])
    assert BOUND in text_of(client.post(judged, {}, follow=True).content)
    dry = client.post(
        reverse("admin:submissions_submission_changelist"),
        {"action": "recommend", "index": 0, "_selected_action": [competitor.pk]},
    )
    assert BOUND in text_of(dry.content)
    assert "Aucune candidature ne changerait d’état" in text_of(dry.content)
