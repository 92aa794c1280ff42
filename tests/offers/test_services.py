"""Publishing, copying and revising offers: effects and named errors of the operations."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from offers.models import Offer
from offers.selectors import by_deadline, current_rulebook, next_edition, published
from offers.services.cloning import clone_offer
from offers.services.errors import RulebookMalformedError
from tests.factories.offers import NOON, make_draft, make_offer, mark_cancelled

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_malformed_criteria_are_refused_and_store_no_offer() -> None:
    criteria = [{"kind": "AGE", "effect": "BLOCK", "minimum": 35, "maximum": 18, "on": "starts_on"}]
    with pytest.raises(RulebookMalformedError) as refusal:
        make_draft(criteria=criteria)
    assert "criteria[0].maximum" in refusal.value.data["problem"]
    assert not Offer.objects.exists()


def test_defaults_of_criteria_are_written_out_when_stored() -> None:
    assert current_rulebook(make_draft()).criteria[0]["bar_school"] is True


def test_a_copy_closes_at_the_same_local_hour() -> None:
    five_in_winter = datetime(2027, 3, 10, 22, tzinfo=UTC)  # 17:00 in Québec
    model = make_offer(closes_on=date(2027, 3, 10), closes_at=five_in_winter)
    copy = clone_offer(offer=model, number="X", closes_on=date(2027, 7, 1), at=NOON)
    assert copy.closes_at == datetime(2027, 7, 1, 21, tzinfo=UTC)


def test_open_offers_come_first_by_nearest_deadline() -> None:
    for number, closes_in, opens_in in [
        ("late", 40, -1),
        ("soon", 10, -1),
        ("next", 60, 5),
        ("old", -90, -120),
        ("just", -2, -30),
    ]:
        make_offer(number=number, closes_on=NOON.date() + closes_in * DAY, opens_at=NOON + opens_in * DAY)

    def order(**options: bool) -> list[str | None]:
        return [offer.number for offer in by_deadline(published(NOON), NOON, **options)]

    assert order() == ["soon", "late", "next", "just", "old"]
    assert order(latest_first=True) == ["late", "soon", "next", "old", "just"]


def test_the_next_offer_is_the_latest_public_one_of_organisation_and_domain() -> None:
    same: dict[str, Any] = {"organisation": "UNESCO", "domain": "Éthique"}
    old = make_offer(
        number="2023-020", closes_on=date(2023, 10, 1), at=datetime(2023, 9, 1, tzinfo=UTC), **same
    )
    assert next_edition(old) is None
    later = make_offer(number="2027-020", **same)
    make_offer(number="2027-021", organisation="UNESCO", domain="Droit")
    make_draft(number="2028-020", closes_on=date(2028, 10, 1), **same)
    make_offer(number="2028-021", closes_on=date(2028, 10, 1), listed=False, **same)
    mark_cancelled(make_offer(number="2028-022", closes_on=date(2028, 10, 1), **same).pk)
    make_offer(number="2027-019", closes_on=later.closes_on - DAY, **same)
    assert next_edition(old) == later
    assert next_edition(later) is None
