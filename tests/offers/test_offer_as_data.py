"""An offer in formats for other programs: schema.org JobPosting, calendar event, JSON object of the commands."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import vobject

from offers.calendars import Deadline, deadlines_calendar
from offers.models import Offer, Section
from offers.structured_data import job_posting

OPENS = datetime(2027, 8, 1, 13, tzinfo=UTC)
CLOSES = datetime(2027, 10, 2, 4, tzinfo=UTC)
TORONTO = ZoneInfo("America/Toronto")


def offer(**changes: Any) -> Offer:
    """Return an unsaved published offer."""
    fields: dict[str, Any] = {
        "public_id": UUID("00000000-0000-4000-8000-000000000001"),
        "number": "2027-020",
        "organisation": "Organisation de l’eau",
        "organisation_short": "ODE",
        "domain": "Éthique",
        "starts_on": date(2028, 1, 10),
        "ends_on": date(2028, 7, 7),
        "allowance_min": Decimal("13000.00"),
        "allowance_max": Decimal("15000.50"),
        "currency": "USD",
        "place": "Ann Arbor, États-Unis",
        "opens_at": OPENS,
        "closes_on": date(2027, 10, 1),
        "closes_at": CLOSES.astimezone(TORONTO),
        "funder": "Fonds de recherche",
        "status": Offer.Status.PUBLISHED,
        "published_at": datetime(2027, 8, 2, 3, tzinfo=UTC),
    }
    return Offer(**(fields | changes))


# -- The posting -----------------------------------------------------------------------------------------------
def posting(**changes: Any) -> dict[str, Any]:
    sections = [Section(title="Mandat", text="Protéger l’eau."), Section(title="", text="Sans titre.")]
    return job_posting(
        offer(**changes),
        sections,
        url="https://exemple.invalid/o/",
        publisher="Portail",
        stage="Tout le stage",
    )


def test_the_posting_contains_all_values_of_the_offer() -> None:
    assert posting() == {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "url": "https://exemple.invalid/o/",
        "identifier": {"@type": "PropertyValue", "name": "Portail", "value": "2027-020"},
        "title": "Stage 2027-020 — Éthique",
        "description": "Mandat\nProtéger l’eau.\n\nSans titre.",
        "datePosted": "2027-08-01",  # the day in Québec
        "validThrough": "2027-10-02T04:00:00Z",
        "employmentType": "INTERN",
        "jobStartDate": "2028-01-10",
        "directApply": True,
        "hiringOrganization": {
            "@type": "Organization",
            "name": "Organisation de l’eau",
            "alternateName": "ODE",
        },
        "jobLocation": {
            "@type": "Place",
            "address": {
                "@type": "PostalAddress",
                "addressLocality": "Ann Arbor",
                "addressCountry": "États-Unis",
            },
        },
        "applicantLocationRequirements": {"@type": "AdministrativeArea", "name": "Québec, Canada"},
        "baseSalary": {
            "@type": "MonetaryAmount",
            "currency": "USD",
            "value": {
                "@type": "QuantitativeValue",
                "minValue": 13000.0,
                "maxValue": 15000.5,
                "unitText": "Tout le stage",
            },
        },
        "funder": {"@type": "Organization", "name": "Fonds de recherche"},
    }


def test_missing_values_of_an_offer_are_left_out_of_its_posting() -> None:
    bare = {"domain": "", "organisation_short": "", "place": "", "funder": "", "published_at": None}
    full, found = posting(), posting(**bare, allowance_min=None, allowance_max=None)
    assert full.keys() - found.keys() == {"datePosted", "jobLocation", "baseSalary", "funder"}
    assert found["title"] == "Stage 2027-020"
    assert found["hiringOrganization"] == {"@type": "Organization", "name": "Organisation de l’eau"}
    without_text = job_posting(offer(), [], url="", publisher="", stage="")
    assert without_text["description"] == "Organisation de l’eau"


def test_one_amount_gives_one_value_and_a_partial_allowance_none() -> None:
    value = posting(allowance_max=Decimal("13000.00"))["baseSalary"]["value"]
    assert value == {"@type": "QuantitativeValue", "value": 13000.0, "unitText": "Tout le stage"}
    assert "baseSalary" not in posting(allowance_min=None)
    assert "baseSalary" not in posting(allowance_max=None)


@pytest.mark.parametrize(
    "place, address",
    [
        ("Rome, Italie", {"addressLocality": "Rome", "addressCountry": "Italie"}),
        ("Rome", {"name": "Rome"}),
        ("Rome, Latium, Italie", {"name": "Rome, Latium, Italie"}),
        ("Télétravail (Paris), France", {"name": "Télétravail (Paris), France"}),
    ],
)
def test_a_place_is_a_city_and_a_country_or_as_written(place: str, address: dict[str, str]) -> None:
    assert posting(place=place)["jobLocation"]["address"] == {"@type": "PostalAddress", **address}


# -- The calendar ----------------------------------------------------------------------------------------------
def deadline(**changes: Any) -> Deadline:
    return Deadline(
        offer=offer(**changes),
        summary="Date limite",
        description="Offre 2027-020",
        url="https://exemple.invalid/o/",
        changed_at=datetime(2027, 9, 1, 4, 30, tzinfo=TORONTO),
        revision=3,
    )


@pytest.mark.parametrize(
    "closes_at, starts",
    [
        (CLOSES, CLOSES - timedelta(minutes=1)),
        (CLOSES + timedelta(microseconds=1), CLOSES),
        (CLOSES + timedelta(seconds=30), CLOSES),
        (CLOSES + timedelta(seconds=60), CLOSES),
    ],
)
def test_the_event_is_the_minute_of_the_last_open_instant(closes_at: datetime, starts: datetime) -> None:
    content = deadlines_calendar([deadline(closes_at=closes_at)], name="Échéances").decode()
    assert vobject.readOne(content).vevent.dtstart.value == starts
