"""Reads an offer of another programme from its file, and publishes it by the operations that staff use."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from offers.models import DocumentRequestData, GridLineData, Offer, Programme, SectionData
from offers.services.creating import closing_instant, create_offer
from offers.services.publishing import publish_offer
from tests.eligibility.cases_reader import read_table

HERE = Path(__file__).parent


def publish_programme_offer(name: str, *, at: datetime, **changes: Any) -> Offer:
    """Store the programme and the offer of `<name>.yaml`, publish the offer and return it; open since yesterday.

    `changes` replace fields of its header.
    """
    call = read_table(HERE / f"{name}.yaml")
    header = dict(call["header"])
    zone = ZoneInfo(header["time_zone"])
    today: date = at.astimezone(zone).date()
    closes_on, starts_on = (
        today + timedelta(days=int(call[key])) for key in ("closes_in_days", "starts_in_days")
    )
    for amount in ("allowance_min", "allowance_max"):
        header[amount] = Decimal(header[amount])
    header |= {
        "opens_at": at - timedelta(days=1),
        "closes_on": closes_on,
        "closes_at": closing_instant(closes_on=closes_on, zone=zone),
        "starts_on": starts_on,
        "ends_on": starts_on + timedelta(days=int(call["lasts_days"]) - 1),
        "contact_confirmed_at": at - timedelta(days=2),
        "programme": Programme.objects.create(**call["programme"]),
    }
    draft = create_offer(
        at=at - timedelta(days=2),
        sections=[SectionData(**section) for section in call["sections"]],
        criteria=call["criteria"],
        documents=[DocumentRequestData(**document) for document in call["documents"]],
        grid=[GridLineData(**line) for line in call["grid"]],
        **(header | changes),
    )
    return publish_offer(offer=draft, at=at - timedelta(days=1))
