"""Publishing, copying and revising offers: effects and named errors of the operations."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from offers.models import Offer
from offers.selectors import by_deadline, current_rulebook, get_by_number, next_edition, published
from offers.services.cloning import clone_offer
from offers.services.errors import OfferNotReadyError, RulebookMalformedError
from offers.services.publishing import publish_offer
from offers.services.rulebooks import draft_rulebook
from tests.factories.offers import NOON, make_draft, make_offer, mark_cancelled

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "changes, missing",
    [
        ({"number": None}, ["NUMBER"]),
        ({"contact_email": ""}, ["CONTACT"]),
        ({"contact_confirmed_at": None}, ["MAILBOX"]),
        ({"criteria": ()}, ["RULEBOOK"]),
        (
            {"number": None, "contact_email": "", "criteria": ()},
            ["NUMBER", "CONTACT", "RULEBOOK"],
        ),
    ],
)
def test_an_unfinished_offer_is_refused_with_its_missing_parts(
    changes: dict[str, Any], missing: list[str]
) -> None:
    offer = make_draft(**changes)
    with pytest.raises(OfferNotReadyError) as refusal:
        publish_offer(offer=offer, at=NOON)
    assert refusal.value.code == "offer_not_ready"
    assert refusal.value.data == {"missing": missing}
    offer.refresh_from_db()
    assert offer.status == Offer.Status.DRAFT


def test_malformed_criteria_are_refused_and_store_no_offer() -> None:
    criteria = [{"kind": "AGE", "effect": "BLOCK", "minimum": 35, "maximum": 18, "on": "starts_on"}]
    with pytest.raises(RulebookMalformedError) as refusal:
        make_draft(criteria=criteria)
    assert "criteria[0].maximum" in refusal.value.data["problem"]
    assert not Offer.objects.exists()


def test_defaults_of_criteria_are_written_out_when_stored() -> None:
    assert current_rulebook(make_draft()).criteria[0]["bar_school"] is True


def test_a_new_draft_of_the_criteria_replaces_the_earlier_one() -> None:
    offer = make_draft()
    second = draft_rulebook(offer=offer, criteria=[], at=NOON, reason="Aucun critère.")
    assert current_rulebook(offer) == second
    publish_offer(offer=offer, at=NOON)
    assert [version.published_at for version in offer.rulebooks.order_by("number")] == [NOON]
    offer.refresh_from_db()
    assert current_rulebook(offer) == second


def test_a_copy_keeps_weekdays_length_text_documents_and_criteria() -> None:
    model = make_offer(
        number="2023-020",
        closes_on=date(2023, 10, 1),
        at=datetime(2023, 9, 1, tzinfo=UTC),
        starts_on=date(2024, 1, 15),
        ends_on=date(2024, 7, 12),
    )
    copy = clone_offer(offer=model, number="2027-020", closes_on=date(2027, 10, 1), at=NOON)
    assert (copy.status, copy.published_at, copy.created_at) == ("DRAFT", None, NOON)
    assert copy.starts_on == date(2028, 1, 17)
    assert copy.starts_on.weekday() == model.starts_on.weekday()
    assert copy.ends_on - copy.starts_on == model.ends_on - model.starts_on
    assert copy.closes_at == datetime(2027, 10, 2, 4, tzinfo=UTC)
    assert copy.is_open(NOON) is False
    assert publish_offer(offer=copy, at=NOON).is_open(NOON)

    def parts(offer: Offer) -> list[Any]:
        sections = offer.sections.order_by("position").values_list("position", "kind", "title", "text")
        documents = offer.documents.order_by("position").values_list(
            "position", "kind", "label", "hint", "required", "max_pages", "max_bytes"
        )
        return [*sections, *documents, current_rulebook(offer).criteria]

    assert parts(copy) == parts(model)


def test_a_copy_closes_at_the_same_local_hour() -> None:
    five_in_winter = datetime(2027, 3, 10, 22, tzinfo=UTC)  # 17:00 in Québec
    model = make_offer(closes_on=date(2027, 3, 10), closes_at=five_in_winter)
    copy = clone_offer(offer=model, number="X", closes_on=date(2027, 7, 1), at=NOON)
    assert copy.closes_at == datetime(2027, 7, 1, 21, tzinfo=UTC)


def test_the_public_reads_only_listed_and_published_offers() -> None:
    make_draft()
    make_offer(listed=False)
    offer = make_offer()
    assert list(published(NOON)) == [offer]
    assert not published(offer.opens_at - DAY).exists()
    assert get_by_number(str(offer.number)) == offer
    with pytest.raises(Offer.DoesNotExist):
        get_by_number("2031-999")


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
