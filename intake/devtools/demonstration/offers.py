"""Two demonstration offers: 2023-020 as it closed, and its next edition, open."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from offers.models import Offer
from offers.services.creating import closing_instant, create_offer
from offers.services.publishing import publish_offer

from . import offer_texts as words

ZONE = ZoneInfo("America/Toronto")
_FIRST_EDITION = 2024  # closing year of the first edition that can follow 2023-020


def load_demonstration(*, at: datetime) -> list[Offer]:
    """Return the closed offer 2023-020 and the edition that is open at `at`; create those that are missing.

    `at` is an aware instant; before 2 October 2023 the second edition is not open yet. A second call changes nothing
    until the open edition has closed; it then adds the next edition.
    """
    with transaction.atomic():
        return [
            _edition(
                number="2023-020",
                closes_on=date(2023, 10, 1),
                starts_on=date(2024, 1, 15),
                opens_at=datetime.combine(date(2023, 8, 21), time(9), tzinfo=ZONE),
            ),
            _open_edition(at),
        ]


def _open_edition(at: datetime) -> Offer:
    today = at.astimezone(ZONE).date()
    # The edition is open until the end of its closing day.
    year = today.year if today <= date(today.year, 10, 1) else today.year + 1
    year = max(year, _FIRST_EDITION)
    return _edition(
        number=f"{year}-020",
        closes_on=date(year, 10, 1),
        starts_on=_first_day(year + 1),
        # An edition opens when the one before it closes, so that one is always open.
        opens_at=closing_instant(closes_on=date(year - 1, 10, 1), zone=ZONE),
    )


def _first_day(year: int) -> date:
    """Return the Monday from 9 to 15 January, as in the editions of 2022 and 2024."""
    ninth = date(year, 1, 9)
    return ninth + timedelta(days=-ninth.weekday() % 7)


def _edition(*, number: str, closes_on: date, starts_on: date, opens_at: datetime) -> Offer:
    existing = Offer.objects.filter(number=number).first()
    if existing is not None:
        return existing
    opens_at = opens_at.astimezone(UTC)
    offer = create_offer(
        at=opens_at,
        number=number,
        organisation=words.ORGANISATION,
        organisation_short="UNESCO",
        domain=words.DOMAIN,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(weeks=26, days=-3),  # from a Monday, the Friday that ends week 26
        allowance_min=Decimal(15000),
        allowance_max=Decimal(15000),
        currency="CAD",
        place="Paris, France",
        opens_at=opens_at,
        closes_on=closes_on,
        closes_at=closing_instant(closes_on=closes_on, zone=ZONE),
        time_zone=ZONE.key,
        funder=words.FUNDER,
        contact_unit=words.CONTACT_UNIT,
        contact_phone="418 649-2400",
        contact_extension="56320",
        contact_email="stages.oig@exemple.invalid",
        contact_confirmed_at=opens_at,
        sections=words.SECTIONS,
        documents=words.DOCUMENTS,
        criteria=words.CRITERIA,
        grid=words.GRID,
    )
    return publish_offer(offer=offer, at=opens_at)
