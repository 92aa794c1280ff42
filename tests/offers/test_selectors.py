"""Queries on offers: results, their order, and the digest of an offer."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from intake.accounts.models import User
from intake.devtools.demonstration.offers import CRITERIA
from offers.blocks import MAX_DEPTH, BulletList, parse_blocks
from offers.models import GridLine, Offer, OfferChange, OfferExtension, RulebookVersion
from offers.offer_json import offer_as_json
from offers.selectors import (
    by_deadline,
    candidate_visible_changes,
    current_rulebook,
    extensions_of,
    get_by_number,
    latest_changed,
    offer_digest,
    page_digest,
    published,
    published_criteria,
    upcoming_deadlines,
    with_last_change,
)
from offers.services.lifecycle import extend_deadline
from offers.services.rulebooks import draft_rulebook
from tests.factories.offers import (
    NOON,
    accept_any_extension_date,
    make_draft,
    make_offer,
    make_programme,
    mark_cancelled,
)
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def numbers(offers: Any) -> list[str | None]:
    return [offer.number for offer in offers]


def change(offer: Offer, kind: str, at: datetime) -> OfferChange:
    return OfferChange.objects.create(
        offer=offer, kind=kind, at=at, reason="Erreur.", author=User.objects.first() or make_user()
    )


def test_announced_changes_are_listed_newest_first() -> None:
    offer, other = make_offer(), make_offer()
    rows = [
        change(offer, "CORRECTED", NOON + DAY),
        change(offer, "IMPORTED", NOON + 2 * DAY),
        change(offer, "RULES_CHANGED", NOON + 3 * DAY),
        change(offer, "EXTENDED", NOON),
        change(offer, "CANCELLED", NOON),
        change(offer, "POINT_SETTLED", NOON),
        change(offer, "MAILBOX_CONFIRMED", NOON),
        change(other, "CORRECTED", NOON),
    ]
    assert list(candidate_visible_changes(offer)) == [rows[2], rows[0], rows[4], rows[3]]


def test_extensions_of_the_offer_are_listed_newest_first() -> None:
    accept_any_extension_date()
    offer, author = make_offer(), make_user()
    made = [
        extend_deadline(
            offer=offer, author=author, reason="Panne.", closes_at=offer.closes_at + days * DAY, at=NOON
        )
        for days in (1, 2, 3)
    ]
    # The database dates them: all of one transaction have one instant.
    assert list(extensions_of(offer)) == made[::-1]
    assert OfferExtension.objects.count() == 3
    assert not extensions_of(make_offer()).exists()


def test_the_feed_and_the_calendar_have_their_orders_and_last_changes() -> None:
    opened = NOON - 20 * DAY
    one, two, three, over = (
        make_offer(number=number, opens_at=opened, closes_on=NOON.date() + days * DAY)
        for number, days in (("C", 5), ("A", 5), ("B", 9), ("O", -1))
    )
    change(one, "CORRECTED", NOON - 3 * DAY)
    change(one, "EXTENDED", NOON - 5 * DAY)
    change(three, "IMPORTED", NOON)
    change(over, "CANCELLED", NOON - DAY)
    make_offer(number="HIDDEN", listed=False)
    make_offer(number="LATER", opens_at=NOON + DAY, at=NOON + 2 * DAY)
    make_draft(number="DRAFT")
    assert numbers(latest_changed(NOON)) == ["O", "C", "B", "A"]
    assert numbers(upcoming_deadlines(NOON)) == ["A", "C", "B"]
    assert numbers(upcoming_deadlines(one.closes_at)) == ["B", "LATER"]
    found = {offer.number: offer for offer in with_last_change(Offer.objects.exclude(status="DRAFT"))}
    told = {number: (offer.changed_at, offer.revision) for number, offer in found.items()}  # type: ignore[attr-defined]  # -- annotated by the query
    assert {number: told[number] for number in "CABO"} == {
        "C": (NOON - 3 * DAY, 2),
        "A": (two.published_at, 0),
        "B": (three.published_at, 0),
        "O": (NOON - DAY, 1),
    }


def test_an_offer_is_public_from_the_instant_of_its_publication() -> None:
    offer = make_offer()
    assert offer.published_at is not None
    assert published(offer.published_at).exists()
    assert not published(offer.published_at - timedelta(microseconds=1)).exists()
    mark_cancelled(offer.pk)
    assert published(offer.published_at).exists()
    assert get_by_number(offer.number or "") == offer


def test_the_current_version_is_the_latest_published_or_the_latest_of_a_draft() -> None:
    offer = make_offer()
    draft_rulebook(offer=offer, criteria=[], at=NOON, reason="À l’étude.")
    assert (current_rulebook(offer).number, published_criteria(offer)) == (
        1,
        current_rulebook(offer).criteria,
    )
    draft = make_draft()
    RulebookVersion.objects.create(offer=draft, number=2, criteria=[], reason="Autre.", created_at=NOON)
    assert (current_rulebook(draft).number, published_criteria(draft)) == (2, [])
    assert offer_as_json(draft)["rulebook"]["criteria"] == []
    bare = make_draft(criteria=())
    assert (published_criteria(bare), offer_as_json(bare)["rulebook"]) == ([], {})
    with CaptureQueriesContext(connection) as captured:
        assert current_rulebook(offer).offer.number == offer.number
        assert len(captured) == 1


# -- Editions --------------------------------------------------------------------------------------------------
OTHERWISE: dict[str, Any] = {
    "number": "X-1",
    "organisation": "Autre",
    "organisation_short": "AU",
    "domain": "Autre",
    "starts_on": date(2027, 8, 2),
    "ends_on": date(2031, 7, 4),
    "allowance_min": Decimal(1),
    "allowance_max": Decimal(2),
    "currency": "EUR",
    "place": "Ailleurs",
    "remote_possible": True,
    "opens_at": datetime(2026, 1, 1, tzinfo=UTC),
    "closes_on": date(2030, 1, 1),
    "closes_at": datetime(2030, 1, 2, tzinfo=UTC),
    "time_zone": "Europe/Paris",
    "funder": "Autre",
    "contact_unit": "Autre",
    "contact_phone": "1",
    "contact_extension": "2",
    "contact_email": "autre@exemple.org",
    "listed": False,
}


def test_only_fields_of_the_page_change_its_digest() -> None:
    offer = make_draft(allowance_min=0, allowance_max=5)
    page, whole = page_digest(offer), offer_digest(offer)
    assert (len(page), page != whole) == (32, True)
    rows = Offer.objects.filter(pk=offer.pk)
    stored: dict[str, Any] = dict(rows.values().get())
    for name, value in OTHERWISE.items():
        rows.update(**{name: value})
        assert page_digest(offer) != page, name
        rows.update(**{name: stored[name]})
        assert page_digest(offer) == page, name
    rows.update(programme=make_programme())
    assert page_digest(offer) != page
    rows.update(programme=stored["programme_id"])
    # Fields that the page does not show do not change the digest.
    rows.update(contact_confirmed_at=None, created_at=NOON - 9 * DAY)
    rows.update(status=Offer.Status.PUBLISHED, published_at=NOON)
    assert (page_digest(offer), offer_digest(offer)) == (page, whole)
    assert page_digest(make_draft(number="Y")) != page


@pytest.mark.parametrize(
    "part, changes",
    [
        ("sections", {"position": 90, "kind": "OTHER", "title": "Autre", "text": "Autre."}),
        (
            "documents",
            {
                "position": 90,
                "kind": "OTHER",
                "label": "Autre",
                "hint": "Autre.",
                "required": False,
                "max_pages": 9,
                "max_bytes": 9,
            },
        ),
        ("grid_lines", {"position": 90, "text": "Autre.", "requirement": "ASSET"}),
    ],
)
def test_each_field_of_each_part_changes_the_digest(part: str, changes: dict[str, Any]) -> None:
    offer = make_draft()
    for position in (2, 1):
        GridLine.objects.create(offer=offer, position=position, text=f"Nager {position}.")
    row = getattr(offer, part).order_by("position").first()
    rows = getattr(offer, part).filter(pk=row.pk)
    before = page_digest(offer)
    for name, value in changes.items():
        rows.update(**{name: value})
        assert page_digest(offer) != before, name
        rows.update(**{name: getattr(row, name)})
        assert page_digest(offer) == before, name


def test_a_digest_covers_the_latest_criteria_and_ignores_row_order() -> None:
    offer = make_draft()
    GridLine.objects.create(offer=offer, position=1, text="Un.")
    GridLine.objects.create(offer=offer, position=2, text="Deux.")
    page, whole = page_digest(offer), offer_digest(offer)
    for text in ("Un.", "Deux."):  # rewritten, in the other order of rows
        line = offer.grid_lines.get(text=text)
        line.delete()
        line.pk = None
        line.save()
        offer.grid_lines.filter(text="Deux.").update(position=2)
    assert page_digest(offer) == page
    version = RulebookVersion.objects.create(
        offer=offer, number=2, criteria=CRITERIA[:1], reason="Autre.", created_at=NOON
    )
    latest = offer_digest(offer)
    assert (page_digest(offer), latest != whole) == (page, True)
    offer.rulebooks.filter(number=1).update(criteria=[])
    assert offer_digest(offer) == latest
    version.criteria = CRITERIA[1:2]
    version.save()
    assert offer_digest(offer) != latest


# -- Depth of lists --------------------------------------------------------------------------------------------
def test_lists_are_nested_six_deep_and_no_deeper() -> None:
    text = "\n".join(f"{'  ' * depth}• {depth}" for depth in range(MAX_DEPTH + 2))
    (block,) = parse_blocks(text)
    assert isinstance(block, BulletList)
    items, depth = block.items, 1
    while items[0].children:
        items, depth = items[0].children, depth + 1
    assert (depth, MAX_DEPTH, [item.text for item in items]) == (6, 6, ["5", "6", "7"])


def test_offers_that_close_together_are_listed_by_number() -> None:
    for number in ("B", "C", "A"):
        make_offer(number=number)
    assert numbers(by_deadline(published(NOON), NOON)) == ["A", "B", "C"]
    assert numbers(by_deadline(published(NOON), NOON, latest_first=True)) == ["A", "B", "C"]
