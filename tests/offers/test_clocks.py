"""The clock of the public pages: an open page asks for the database's instant, and for what depends on it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from intake.web.templatetags.portal import precise
from offers.models import Offer
from offers.services.lifecycle import extend_deadline
from tests.factories.offers import make_draft, make_offer
from tests.factories.people import make_staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_the_clock_of_an_offer_agrees_with_its_page(client: Client) -> None:
    now = timezone.now()
    offer = make_offer(number="2027-020", opens_at=now - DAY, closes_on=now.date() + 30 * DAY)
    page: Any = client.get("/offres/2027-020/")
    clock = page.context["clock"]
    answer = client.get("/offres/2027-020/heure")
    found = answer.json()
    assert "no-store" in answer.headers["Cache-Control"]
    assert (found["closes_at"], found["open"], found["state"]) == (clock.until, True, clock.state)
    assert found["closes_at"] == precise(offer.closes_at)
    assert found["said"] == "Ouverte"
    assert found["html"].count("Postuler") == 2
    assert abs(datetime.fromisoformat(found["now"]) - timezone.now()) < timedelta(minutes=1)


def test_the_clock_before_the_opening_counts_to_it_and_a_closed_offer_has_none(client: Client) -> None:
    now = timezone.now()
    opens_at = now + DAY
    make_offer(number="1", at=now - DAY, opens_at=opens_at, closes_on=now.date() + 30 * DAY)
    make_offer(number="2", opens_at=now - 40 * DAY, closes_on=now.date() - 2 * DAY)
    found = client.get("/offres/1/heure").json()
    assert (found["closes_at"], found["open"]) == (precise(opens_at), False)
    assert "Postuler" not in found["html"]
    assert "data-clock" in client.get("/offres/1/").content.decode()
    assert "data-clock" not in client.get("/offres/2/").content.decode()
    closed = client.get("/offres/2/heure").json()
    assert (closed["open"], "On ne peut plus postuler" in closed["html"]) == (False, True)


def test_the_clock_of_a_list_counts_to_the_next_closing_of_its_offers(client: Client) -> None:
    now = timezone.now()
    for number, days in (("1", 3), ("2", 30), ("3", -2), ("4", 1)):
        make_offer(number=number, opens_at=now - 40 * DAY, closes_on=now.date() + days * DAY)
    found = client.get("/offres/heure?n=3&n=2&n=1&n=x&n=%00").json()
    assert (found["closes_at"], found["open"]) == (precise(Offer.objects.get(number="1").closes_at), True)
    shown = [part in found["html"] for part in ("until-1", "state-2", "until-3", "until-4")]
    assert shown == [True, True, True, False]
    make_draft(number="draft")
    make_offer(number="unlisted", listed=False)
    unknown = [f"/offres/{number}/heure" for number in ("x", "draft", "unlisted")]
    for address in ("/offres/heure", "/offres/heure?n=x&n=draft&n=unlisted", *unknown):
        assert client.get(address).status_code == 404, address


def test_an_extension_changes_the_state_of_the_clock(client: Client) -> None:
    now = timezone.now()
    offer = make_offer(number="1", opens_at=now - DAY, closes_on=now.date() + 3 * DAY)
    before = client.get("/offres/heure?n=1").json()["state"]
    extend_deadline(
        offer=offer, author=make_staff(), reason="Panne.", at=now, closes_at=offer.closes_at + DAY
    )
    assert client.get("/offres/heure?n=1").json()["state"] != before
