"""Extensions are dated and checked by the database's clock: a server's wrong clock has no effect."""

from copy import deepcopy
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from offers.models import Offer, OfferExtension
from offers.selectors import database_instant
from offers.services.errors import ExtensionNotLaterError
from offers.services.lifecycle import extend_deadline
from tests.factories.people import client_of, make_staff
from tests.factories.submissions import close_offer, make_open_offer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def kept_author(module_db: None) -> User:
    return make_staff()


@pytest.fixture
def author(kept_author: User) -> User:
    """A staff member."""
    return deepcopy(kept_author)


def closed(*, hours_ago: float) -> Offer:
    """Return an offer that closed that many hours ago by the database's clock; a negative number is in the future."""
    offer = make_open_offer()
    settle()
    close_offer(offer, seconds_ago=hours_ago * 3600)
    return offer


def settle() -> None:
    """Run the deferred constraint checks."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def transaction_instant() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT transaction_timestamp()")
        instant: datetime = cursor.fetchone()[0]
    return instant


@pytest.mark.parametrize("wrong", [-36 * HOUR, 36 * HOUR], ids=["late", "early"])
def test_an_extension_is_dated_by_the_clock_of_the_database(author: User, wrong: timedelta) -> None:
    offer = make_open_offer()
    extension = extend_deadline(
        offer=offer,
        author=author,
        reason="Panne.",
        closes_at=offer.closes_at + DAY,
        at=timezone.now() + wrong,
    )
    assert extension.at == OfferExtension.objects.get().at == transaction_instant()


def test_a_server_with_a_slow_clock_cannot_extend_to_a_past_instant(author: User) -> None:
    offer = closed(hours_ago=30)
    with pytest.raises(ExtensionNotLaterError) as refused, transaction.atomic():
        extend_deadline(
            offer=offer,
            author=author,
            reason="Panne.",
            closes_at=offer.closes_at + DAY,
            at=timezone.now() - 36 * HOUR,
        )
    assert refused.value.data == {"closes_at": offer.closes_at}
    assert not OfferExtension.objects.exists()
    assert Offer.objects.get(pk=offer.pk).closes_at == offer.closes_at


@pytest.mark.parametrize(
    "hours_ago, wrong, answer",
    [(30, -36 * HOUR, 422), (30, 36 * HOUR, 422), (-1, -36 * HOUR, 302), (-1, 36 * HOUR, 302)],
    ids=["past, late", "past, early", "to come, late", "to come, early"],
)
def test_the_page_refuses_a_past_instant_by_the_clock_of_the_database(
    author: User, monkeypatch: pytest.MonkeyPatch, hours_ago: int, wrong: timedelta, answer: int
) -> None:
    offer, client = closed(hours_ago=hours_ago), client_of(author)
    # One day later, at the same hour of closing.
    closes_on = offer.closes_at.astimezone(offer.zone).date() + DAY
    monkeypatch.setattr(
        "offers.admin.action_pages.timezone", SimpleNamespace(now=lambda: timezone.now() + wrong)
    )
    page = reverse("admin:offers_offer_extend", args=[offer.pk])
    sent = client.post(page, {"closes_on": closes_on.isoformat(), "reason": "Panne."})
    assert sent.status_code == answer
    if answer == 422:
        assert (
            "une prolongation doit fermer plus tard que maintenant et que la fermeture prévue"
            in sent.content.decode()
        )
        assert not OfferExtension.objects.exists()
    else:
        assert abs(OfferExtension.objects.get().at - database_instant()) < timedelta(minutes=5)
        assert abs(offer.changes.get(kind="EXTENDED").at - database_instant()) < timedelta(minutes=5)
