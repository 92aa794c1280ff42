"""What the page of an offer proposes to its reader, at its top and again at its end."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from offers.models import Offer
from tests.factories.offers import cancel_offer
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.submissions import close_offer, make_draft, make_filing, make_open_offer
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db


def ends(client: Client, offer: Offer) -> tuple[str, str]:
    """Return the HTML of the summary and of the end of an offer's page."""
    page = client.get(offer.get_absolute_url()).content.decode()
    top = page[page.index('<div class="offer-summary">') : page.index('<nav class="offer-contents"')]
    end = page[page.index('<section class="offer-apply"') :].partition("</section>")[0]
    return top, end


def assert_in_both(client: Client, offer: Offer, name: str, argument: Any, label: str) -> None:
    for part in ends(client, offer):
        assert f'href="{reverse(f"submissions:{name}", args=[argument])}">{label}</a>' in part


def test_a_reader_without_submission_may_apply_at_both_ends() -> None:
    offer = make_open_offer()
    for client in (Client(), client_of(make_user())):
        assert_in_both(client, offer, "start", offer.number, "Postuler")


def test_a_draft_is_continued_from_both_ends() -> None:
    draft = make_draft()
    client, submission = client_of(draft.submission.candidate), draft.submission
    assert_in_both(client, submission.offer, "tasks", submission.public_id, "Continuer ma candidature")
    assert not any("Postuler" in part for part in ends(client, submission.offer))


def test_a_receipt_is_displayed_from_both_ends() -> None:
    submission = make_filing().filing.submission
    client = client_of(submission.candidate)
    assert_in_both(client, submission.offer, "receipt", submission.public_id, "Voir mon accusé de réception")


def test_a_closed_or_cancelled_offer_has_no_button_at_either_end() -> None:
    closed, cancelled = make_open_offer(), make_open_offer()
    close_offer(closed, seconds_ago=60)
    cancel_offer(offer=cancelled, author=make_staff(), reason="Retirée.", at=timezone.now())
    for offer in (closed, cancelled):
        top, end = ends(client_of(make_user()), offer)
        assert "Postuler" not in top + end
        assert "On ne peut plus postuler à cette offre." in text_of(end.encode())
        assert f"{reverse('offers:list')}?etat=ouverte" in end


def test_an_upcoming_offer_has_a_link_to_the_check_at_both_ends() -> None:
    offer = make_open_offer(opens_at=timezone.now() + timedelta(days=1))
    assert_in_both(Client(), offer, "check", offer.number, "Vérifier mon admissibilité")
