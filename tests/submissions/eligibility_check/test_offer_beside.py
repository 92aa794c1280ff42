"""The offer beside its check: what it is, until when, and what the reader may do."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.accounts.login_required import COOKIE_LIFETIME
from offers.models import Offer
from tests.factories.offers import make_offer, mark_cancelled
from tests.factories.people import client_of, make_user
from tests.factories.submissions import close_offer, make_draft, make_filing, make_open_offer
from tests.submissions.eligibility_check.test_check import checked, packed_in, start
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db


def beside(offer: Offer, client: Client) -> str:
    """Return the HTML of the offer beside its check."""
    page = client.get(reverse("submissions:check", args=[offer.number])).content.decode()
    return page[page.index("<aside") :].partition("</aside>")[0]


def test_the_offer_beside_its_check_links_to_the_next_step_of_the_reader() -> None:
    draft = make_draft()
    filed = make_filing().filing.submission
    for client, offer, name, argument in (
        (Client(), draft.submission.offer, "start", draft.submission.offer.number),
        (
            client_of(draft.submission.candidate),
            draft.submission.offer,
            "tasks",
            draft.submission.public_id,
        ),
        (client_of(filed.candidate), filed.offer, "receipt", filed.public_id),
    ):
        shown = beside(offer, client)
        assert reverse(f"submissions:{name}", args=[argument]) in shown
        assert offer.get_absolute_url() in shown
        assert "Date limite" in shown


def test_a_closed_offer_beside_its_check_states_its_closing() -> None:
    offer = make_open_offer()
    close_offer(offer, seconds_ago=60)
    shown = beside(offer, Client())
    assert "Les inscriptions ont fermé le" in shown
    assert "/postuler/" not in shown


# -- The page of the offer --------------------------------------------------------------------------------
def panel(offer: Offer, client: Client | None = None) -> str:
    page = (client or Client()).get(reverse("offers:page", args=[offer.number])).content.decode()
    return " ".join(re.sub("<[^>]+>", " ", page[page.index("offer-panel") :]).split()[:40])


def test_an_upcoming_or_closed_offer_links_to_the_check() -> None:
    upcoming = make_offer(at=timezone.now(), opens_at=timezone.now() + timedelta(days=2))
    assert "Postuler" not in panel(upcoming)
    assert "Vérifier mon admissibilité" in panel(upcoming)
    closed = make_open_offer()
    close_offer(closed, seconds_ago=60)
    page = Client().get(reverse("offers:page", args=[closed.number])).content.decode()
    assert reverse("submissions:check", args=[closed.number]) in page
    mark_cancelled(closed.pk)
    assert (
        reverse("submissions:check", args=[closed.number])
        not in Client().get(reverse("offers:page", args=[closed.number])).content.decode()
    )


def test_checked_answers_wait_for_the_displayed_time_and_their_loss_is_reported() -> None:
    offer, client = make_open_offer(), Client()
    shown = checked(offer, client)
    door = client.post(start(offer), {"answers": packed_in(shown)})
    for page in (shown, client.get(door.headers["Location"])):
        assert f"dans les {COOKIE_LIFETIME // 60} minutes" in text_of(page.content)
    del client.cookies[settings.FORM_COOKIE_NAME]  # as the browser does after that time
    client.force_login(make_user())
    arrived = client.get(start(offer), follow=True)
    assert arrived.redirect_chain == [(reverse("submissions:start", args=[offer.number]), 302)]
    assert "ne sont plus gardées" in text_of(arrived.content)
