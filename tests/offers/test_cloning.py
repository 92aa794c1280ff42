"""The next edition of an offer: what it copies, and its own dates."""

from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from offers.models import DocumentRequest, GridLine, Offer, RulebookVersion, Section
from offers.selectors import current_rulebook
from offers.services.cloning import COPIED_FIELDS, clone_offer
from offers.services.rulebooks import publish_rulebook
from tests.factories.offers import NOON, make_draft, make_offer, make_programme

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=364)

PARTS = (Section, DocumentRequest, GridLine)
UNUSUAL: dict[str, Any] = {
    "organisation": "Organisation du modèle",
    "organisation_short": "OM",
    "domain": "Éthique",
    "allowance_min": Decimal(1200),
    "allowance_max": Decimal(3400),
    "currency": "EUR",
    "place": "Genève, Suisse",
    "remote_possible": True,
    "time_zone": "Europe/Zurich",
    "funder": "Fonds du modèle",
    "contact_unit": "Unité du modèle",
    "contact_phone": "+41 22 555 01 99",
    "contact_extension": "77",
    "contact_email": "modele@exemple.invalid",
    "contact_confirmed_at": NOON - timedelta(days=3),
    "listed": False,
}
"""Values unlike the defaults, so that a field that is not copied is detected."""


@pytest.fixture(scope="module")
def kept_model(module_db: None) -> Offer:
    offer = make_draft(programme=make_programme(), documents=())
    Offer.objects.filter(pk=offer.pk).update(**UNUSUAL)
    Section.objects.filter(offer=offer).delete()
    for position, kind in enumerate(["ELIGIBILITY", "SKILLS"], start=1):
        Section.objects.create(
            offer=offer, position=position, kind=kind, title=f"T{position}", text=f"X{position}"
        )
    for position, required in ((1, False), (2, True)):
        DocumentRequest.objects.create(
            offer=offer,
            position=position,
            kind="OTHER",
            label=f"L{position}",
            hint=f"H{position}",
            required=required,
            max_pages=6 + position,
            max_bytes=1_000_000 + position,
        )
    offer.grid_lines.all().delete()
    for position, requirement in ((1, "ASSET"), (2, "REQUIRED"), (3, "ASSET")):
        GridLine.objects.create(offer=offer, position=position, text=f"G{position}", requirement=requirement)
    offer.refresh_from_db()
    return offer


@pytest.fixture
def model(kept_model: Offer) -> Offer:
    """An offer with no default value in any field."""
    return deepcopy(kept_model)


def test_a_copy_has_the_copied_values_of_its_model(model: Offer) -> None:
    copy = clone_offer(offer=model, number="SUIVANTE", closes_on=model.closes_on + YEAR, at=NOON)

    def values(offer: Offer) -> list[Any]:
        rows = [part.objects.filter(offer=offer).order_by("position").values() for part in PARTS]
        parts = [{**row, "id": None, "offer_id": None} for each in rows for row in each]
        return [getattr(offer, name) for name in COPIED_FIELDS] + parts

    assert values(copy) == values(model)
    assert current_rulebook(copy).criteria == current_rulebook(model).criteria


def test_a_copy_has_its_own_dates_and_is_a_draft(model: Offer) -> None:
    copy = clone_offer(offer=model, number="SUIVANTE", closes_on=model.closes_on + YEAR, at=NOON)
    assert (copy.number, copy.status, copy.published_at) == ("SUIVANTE", Offer.Status.DRAFT, None)
    assert (copy.starts_on, copy.ends_on) == (model.starts_on + YEAR, model.ends_on + YEAR)
    assert (copy.closes_on, copy.opens_at) == (model.closes_on + YEAR, NOON)
    assert copy.closes_at.astimezone(copy.zone).time() == model.closes_at.astimezone(model.zone).time()
    assert copy.public_id != model.public_id


@pytest.mark.parametrize("days, weeks", [(363, 52), (364, 52), (367, 52), (368, 53), (-3, 0), (4, 1)])
def test_the_stage_of_a_copy_moves_by_full_weeks(model: Offer, days: int, weeks: int) -> None:
    copy = clone_offer(
        offer=model, number="SUIVANTE", closes_on=model.closes_on + timedelta(days=days), at=NOON
    )
    assert copy.starts_on - model.starts_on == timedelta(weeks=weeks)
    assert copy.ends_on - copy.starts_on == model.ends_on - model.starts_on


def test_the_given_dates_of_a_copy_are_kept(model: Offer) -> None:
    given: dict[str, date] = {"starts_on": model.starts_on + YEAR * 2, "ends_on": model.ends_on + YEAR * 2}
    copy = clone_offer(offer=model, number="SUIVANTE", closes_on=model.closes_on + YEAR, at=NOON, **given)
    assert (copy.starts_on, copy.ends_on) == (given["starts_on"], given["ends_on"])


def test_a_copy_takes_the_latest_criteria() -> None:
    model = make_offer()
    latest = model.rulebooks.order_by("-number")[0].criteria[:1]
    RulebookVersion.objects.create(
        offer=model, number=2, criteria=latest, reason="Plus court.", created_at=NOON
    )
    publish_rulebook(offer=model, reason="Plus court.", at=NOON)
    copy = clone_offer(offer=model, number="SUIVANTE", closes_on=model.closes_on + YEAR, at=NOON)
    assert [version.criteria for version in copy.rulebooks.all()] == [latest]
