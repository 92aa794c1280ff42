"""Cancelling an offer writes to all who applied: one person asks for it, another approves it."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.outbox import tasks
from intake.outbox.models import Delivery
from intake.submissions.drafts.operations import start_draft
from offers.models import Offer, OfferChange
from offers.services.cancelling import ask_cancellation, refuse_cancellation
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_conflict
from tests.factories.submissions import close_offer, make_filing, make_open_offer
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db
REASON = "L’organisation s’est retirée."


def _posted() -> int:
    """Perform the jobs that wait. Return the number of mails to candidates that they posted."""
    for delivery in Delivery.objects.filter(kind="OFFER_CHANGE", state=Delivery.State.PENDING):
        tasks.deliver(delivery.pk)
    return Delivery.objects.filter(kind="OFFER_CHANGE_MAIL").count()


def _offer(people: int = 1) -> Offer:
    offer = make_open_offer()
    for _person in range(people):
        start_draft(candidate=make_user(), offer=offer)
    return offer


def _ask(offer: Offer, author: User, reason: str = REASON) -> OfferChange:
    return ask_cancellation(offer=offer, author=author, reason=reason, at=timezone.now())


def _state(offer: Offer) -> tuple[str, int]:
    """Return the offer's status, and how many mails to candidates were posted."""
    return Offer.objects.get(pk=offer.pk).status, _posted()


def _page(offer: Offer, name: str = "cancellation") -> str:
    return reverse(f"admin:offers_offer_{name}", args=[offer.pk])


def _press(user: User, offer: Offer, button: str, seen: object) -> str:
    """Press a button of the page that decides, and return what the next page says."""
    answer = client_of(user).post(_page(offer), {button: "1", "seen": str(seen)}, follow=True)
    return " ".join(str(message) for message in answer.context["messages"])


def _ask_on_page(user: User, offer: Offer, reason: str = REASON) -> str:
    answer = client_of(user).post(_page(offer, "cancel"), {"reason": reason}, follow=True)
    return " ".join(str(message) for message in answer.context["messages"])


def test_one_person_cancels_no_offer_and_mails_no_candidate() -> None:
    offer, staff = _offer(40), make_staff()
    shown = text_of(client_of(staff).get(_page(offer, "cancel")).content)
    assert "40 personnes recevront un courriel : 40 ont un brouillon non déposé." in shown
    assert "Une autre personne doit approuver l’annulation" in shown
    for _click in range(2):
        assert _ask_on_page(staff, offer) == (
            "La demande est enregistrée. Une autre personne doit l’approuver."
        )
    assert _state(offer) == ("PUBLISHED", 0)
    assert offer.changes.filter(kind="CANCEL_ASKED").count() == 1


def test_a_second_person_cancels_the_offer_once() -> None:
    offer, asker, second = _offer(3), make_staff(), make_staff()
    asked = _ask(offer, asker)
    shown = text_of(client_of(second).get(_page(offer)).content)
    for words in (str(asker), REASON, "3 personnes recevront un courriel", "Approuver l’annulation"):
        assert words in shown, words
    for _click in range(2):
        assert _press(second, offer, "approve", asked.pk) == "L’offre est annulée."
    assert _state(offer) == ("CANCELLED", 3)
    (change,) = offer.changes.filter(kind="CANCELLED")
    assert (change.author, change.reason) == (second, REASON)


def test_a_person_approves_no_cancellation_that_they_requested() -> None:
    offer, asker = _offer(), make_staff()
    asked = _ask(offer, asker)
    page = client_of(asker).get(_page(offer)).content.decode()
    assert 'name="approve"' not in page
    assert "Retirer ma demande" in page
    assert "vous avez demandé l’annulation. Une autre personne doit l’approuver." in _press(
        asker, offer, "approve", asked.pk
    )
    assert _state(offer) == ("PUBLISHED", 0)


@pytest.mark.parametrize(
    "own, said, kind",
    [
        (False, "La demande est refusée. L’offre ne change pas.", "CANCEL_REFUSED"),
        (True, "La demande est retirée. L’offre ne change pas.", "CANCEL_WITHDRAWN"),
    ],
)
def test_a_refused_or_withdrawn_cancellation_is_not_approved(own: bool, said: str, kind: str) -> None:  # noqa: FBT001 -- a case of the table
    offer, asker, second = _offer(), make_staff(), make_staff()
    asked = _ask(offer, asker)
    for _click in range(2):
        assert _press(asker if own else second, offer, "refuse", asked.pk) == said
    assert [change.kind for change in offer.changes.order_by("pk")][-2:] == ["CANCEL_ASKED", kind]
    assert "n’attend plus de décision" in _press(make_staff(), offer, "approve", asked.pk)
    assert "aucune annulation n’attend de décision" in text_of(
        client_of(second).get(_page(offer), follow=True).content
    )
    assert _state(offer) == ("PUBLISHED", 0)


def test_an_approval_is_of_the_request_that_was_read() -> None:
    offer, asker, second = _offer(), make_staff(), make_staff()
    read = _ask(offer, asker)
    refuse_cancellation(offer=offer, author=asker, seen=read.pk, at=timezone.now())
    again = _ask(offer, asker, "Autre motif.")
    for seen in (read.pk, "", "9" * 30):
        assert "n’attend plus de décision" in _press(second, offer, "approve", seen)
    assert client_of(second).post(_page(offer)).status_code == 302  # without a button
    assert _state(offer) == ("PUBLISHED", 0)
    assert _press(second, offer, "approve", again.pk) == "L’offre est annulée."


def test_one_request_for_a_cancellation_waits_at_a_time() -> None:
    offer, asker, other = _offer(), make_staff(), make_staff()
    _ask(offer, asker)
    assert "une demande d’annulation attend déjà une décision" in _ask_on_page(other, offer)
    assert client_of(other).get(_page(offer, "cancel")).status_code == 302
    assert offer.changes.filter(kind="CANCEL_ASKED").count() == 1


def test_an_offer_that_closes_meanwhile_or_is_cancelled_already() -> None:
    offer, asker, second = make_filing().filing.submission.offer, make_staff(), make_staff()
    asked = _ask(offer, asker)
    close_offer(offer, seconds_ago=1)
    assert _press(second, offer, "approve", asked.pk) == "L’offre est annulée."
    assert "Elle est annulée" in _press(make_staff(), offer, "approve", asked.pk)
    assert "Elle est annulée" in _press(asker, offer, "refuse", asked.pk)
    assert _state(offer) == ("CANCELLED", 1)


def test_a_person_in_conflict_decides_on_no_cancellation() -> None:
    submission, bound = make_filing().filing.submission, make_staff()
    asked = _ask(submission.offer, make_staff())
    make_conflict(submission, bound)
    for button in ("approve", "refuse"):
        assert "ou un lien avec une candidature" in _press(bound, submission.offer, button, asked.pk)
    assert client_of(bound).get(_page(submission.offer)).status_code == 302
    assert _state(submission.offer) == ("PUBLISHED", 0)


# -- Those who can approve learn of it -------------------------------------------------------------------------
def test_a_cancellation_is_mailed_to_those_who_can_approve() -> None:
    offer, asker, second, bound = (
        make_filing().filing.submission.offer,
        make_staff(),
        make_staff(),
        make_staff(),
    )
    member = make_staff(Role.REVIEWER)
    make_conflict(offer.submissions.get(), bound)
    asked = _ask(offer, asker)
    told = {delivery.key for delivery in Delivery.objects.filter(kind="CANCELLATION_ASKED_MAIL")}
    assert told >= {f"{asked.pk}-{second.pk}", f"{asked.pk}-{bound.pk}"}
    assert told.isdisjoint({f"{asked.pk}-{asker.pk}", f"{asked.pk}-{member.pk}"})
    mail.outbox.clear()
    for person in (second, bound):
        tasks.deliver(Delivery.objects.get(key=f"{asked.pk}-{person.pk}").pk)
    (letter,) = mail.outbox
    assert letter.to == [second.email]
    said = " ".join(str(letter.body).split())
    for part in (str(asker), REASON, offer.number, "1 personne recevra un courriel", _page(offer)):
        assert str(part) in said, part


def test_the_dashboard_lists_a_cancellation_for_those_who_can_approve() -> None:
    filed, asker, second, bound = make_filing().filing.submission, make_staff(), make_staff(), make_staff()
    offer = filed.offer
    make_conflict(filed, bound)
    asked = _ask(offer, asker)

    def told(reader: User) -> bool:
        page = client_of(reader).get(reverse("admin:index")).content.decode()
        return f'<a href="{_page(offer)}">Annulation de l’offre {offer.number} à approuver</a>' in page

    people = (second, asker, bound, make_staff(Role.REVIEWER))
    assert [told(reader) for reader in people] == [True, False, False, False]
    refuse_cancellation(offer=offer, author=second, seen=asked.pk, at=timezone.now())
    assert not told(second)


def test_the_page_of_the_offer_shows_that_a_cancellation_waits() -> None:
    offer, asker, second = _offer(), make_staff(), make_staff()
    _ask(offer, asker)
    for reader, label in (
        (asker, "Voir la demande d’annulation"),
        (second, "Approuver ou refuser l’annulation"),
    ):
        page = client_of(reader).get(_page(offer, "change")).content.decode()
        assert f'href="{_page(offer)}">{label}</a>' in page
        assert "D’ici là, l’offre ne change pas et rien n’est envoyé." in page
        assert f'href="{_page(offer, "cancel")}"' not in page


def test_no_public_page_shows_a_cancellation_that_waits() -> None:
    offer = _offer()
    _ask(offer, make_staff())
    shown = text_of(Client().get(offer.get_absolute_url()).content)
    assert REASON not in shown
    assert "annul" not in shown
