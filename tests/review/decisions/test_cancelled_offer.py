"""A cancelled offer: no move leads towards a stage, no page suggests one; refusals are still announced."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.outbox.models import Delivery
from intake.review.decisions import sending
from intake.review.decisions.dry_run import predicted_refusals
from intake.review.decisions.operations import change_batch
from intake.review.decisions.queries import items_of
from intake.review.models import DecisionBatch
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.delivery_kinds import DECISION_MAIL
from intake.submissions.lifecycle.errors import OfferCancelledError
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.decisions import confirm, decide, make_batch, release, send
from tests.factories.offers import cancel_offer
from tests.factories.people import client_of, make_staff
from tests.review.reading import state_of
from tests.submissions.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_listed_once")]

WHERE = "Par visioconférence, le 12 mai 2027 à 10 h."


@pytest.fixture
def rows(two_listed_once: list[Submission]) -> list[Submission]:
    """Two shortlisted submissions of `offer`."""
    return deepcopy(two_listed_once)


def cancel(offer: Offer) -> None:
    cancel_offer(offer=offer, author=make_staff(), reason="L’organisation s’est retirée.", at=timezone.now())


@pytest.mark.parametrize("action", [Action.SELECT, Action.INVITE, Action.PUT_ON_RESERVE])
def test_a_released_batch_announces_no_selection_of_a_cancelled_offer(
    offer: Offer, rows: list[Submission], staff: User, action: Action
) -> None:
    submission = rows[0]
    confirm(submission)
    batch = release(make_batch(submission, action=action, word=WHERE))
    cancel(offer)
    send(batch)
    assert (batch.state, batch.returned_for, state_of(submission)) == (
        "PREPARED",
        "OFFER_CANCELLED",
        "SHORTLISTED",
    )
    assert not Delivery.objects.filter(kind=DECISION_MAIL).exists()
    items = items_of(batch)
    assert predicted_refusals(items, reader=staff) == {items.get().pk: "OFFER_CANCELLED"}
    client, page = client_of(staff), reverse("review:decision_batch", args=[batch.pk])
    shown = text_of(client.get(page).content)
    assert "rien n’a été envoyé" in shown
    assert "Annulez ce lot" in shown
    assert "Approuver et annoncer" not in shown
    sent = {"moment": "maintenant", "version": batch.version, "letters": "0" * 64}
    answer = client.post(reverse("review:release_decisions", args=[batch.pk]), sent, follow=True)
    assert "Seule la décision" in text_of(answer.content)
    batch.refresh_from_db()
    assert batch.state == "PREPARED"


def test_a_batch_in_progress_stops_at_the_cancellation(
    offer: Offer, rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BATCH_SIZE", 1)
    batch = release(make_batch(*rows, action=Action.PUT_ON_RESERVE))
    assert send(batch).state == "RELEASED"
    cancel(offer)
    assert send(batch).state == "SENT"
    assert sorted(batch.items.values_list("state", "refusal")) == [
        ("DONE", ""),
        ("REFUSED", "OFFER_CANCELLED"),
    ]
    assert Delivery.objects.filter(kind=DECISION_MAIL).count() == 1


def test_a_refusal_is_sent_for_a_cancelled_offer_too(offer: Offer, rows: list[Submission]) -> None:
    submission = rows[0]
    batch = release(make_batch(submission))
    cancel(offer)
    assert (send(batch).state, state_of(submission)) == ("SENT", "DECLINED")


def test_a_cancelled_offer_takes_no_batch_towards_a_stage(offer: Offer, rows: list[Submission]) -> None:
    one, two = rows
    batch = make_batch(one, action=Action.PUT_ON_RESERVE)
    cancel(offer)
    offer.refresh_from_db()
    with pytest.raises(OfferCancelledError):
        make_batch(Submission.objects.get(pk=two.pk), action=Action.PUT_ON_RESERVE)
    with pytest.raises(OfferCancelledError):
        change_batch(
            batch=batch, title="Lot", word="", chosen={one.pk: ""}, actor=batch.prepared_by, version=0
        )
    asked = {"offre": offer.number or "", "action": "SELECT", "candidatures": str(two.public_id)}
    answer = client_of(make_staff()).get(reverse("review:prepare_decisions"), asked, follow=True)
    assert "Seule la décision" in text_of(answer.content)
    assert DecisionBatch.objects.count() == 1


@pytest.mark.parametrize(
    "action",
    [
        Action.SHORTLIST,
        *(pytest.param(each, marks=pytest.mark.full) for each in (Action.RECOMMEND, Action.PLACE)),
    ],
)
def test_no_move_leads_towards_a_stage_of_a_cancelled_offer(
    offer: Offer, filed: Submission, rows: list[Submission], staff: User, action: Action
) -> None:
    submission = filed if action is Action.SHORTLIST else rows[0]
    if action is Action.SHORTLIST:
        move_as_reviewer(submission=submission, action=Action.START_REVIEW, actor=staff)
    if action is Action.PLACE:
        decide(submission, action=Action.SELECT)
    before = state_of(submission)
    client, page = client_of(staff), reverse("review:file", args=[submission.public_id])
    slug = action.value.lower()
    address = reverse("review:move", args=[submission.public_id, slug])
    assert address in client.get(page).content.decode()
    cancel(offer)
    with pytest.raises(OfferCancelledError):
        move_as_reviewer(submission=submission, action=action, actor=staff)
    assert address not in client.get(page).content.decode()
    version = {"version": submission.version}
    for answer in (client.get(address, follow=True), client.post(address, version, follow=True)):
        assert "Seule la décision" in text_of(answer.content)
    assert state_of(submission) == before


def test_a_stage_that_took_place_can_be_completed(offer: Offer, rows: list[Submission], staff: User) -> None:
    submission = rows[0]
    decide(submission, action=Action.SELECT)
    move_as_reviewer(submission=submission, action=Action.PLACE, actor=staff)
    cancel(offer)
    move_as_reviewer(submission=submission, action=Action.COMPLETE, actor=staff)
    assert state_of(submission) == "COMPLETED"


def test_the_page_of_a_scheduled_batch_announces_its_refusal(
    offer: Offer, rows: list[Submission], staff: User
) -> None:
    submission = rows[0]
    batch = release(
        make_batch(submission, action=Action.PUT_ON_RESERVE), release_at=timezone.now() + timedelta(days=3)
    )
    cancel(offer)
    shown = text_of(client_of(staff).get(reverse("review:decision_batch", args=[batch.pk])).content)
    assert "1 décision est impossible à annoncer maintenant" in shown
    assert "Seule la décision" in shown
