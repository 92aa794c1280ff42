"""Copying an offer for its next edition."""

from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models

from offers.models import DocumentRequestData, GridLineData, Offer, SectionData

from .correcting import CORRECTABLE
from .creating import closing_instant, create_offer

COPIED_FIELDS = (
    *(name for name in CORRECTABLE if name not in {"starts_on", "ends_on"}),
    "programme",
    "time_zone",
    "contact_confirmed_at",
    "listed",
)


def clone_offer(
    *,
    offer: Offer,
    number: str,
    closes_on: date,
    at: datetime,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Offer:
    """Write the next edition of `offer` as a draft: same header, text, documents, grid and latest criteria.

    Without `starts_on` and `ends_on`, both move by the shift of the closing day, rounded to whole weeks: weekdays
    and length stay the same. The copy closes at the same local time as `offer`. It opens at `at` (aware) or, if `at`
    is not before its closing, as long before closing as `offer` did.

    :raises django.db.IntegrityError: if the number is taken, or the dates contradict one another.
    """
    shift = timedelta(weeks=round((closes_on - offer.closes_on).days / 7))
    closes_at = closing_instant(
        closes_on=closes_on, zone=offer.zone, like=offer.closes_at.astimezone(offer.zone).time()
    )
    opens_at = at if at < closes_at else closes_at - (offer.closes_at - offer.opens_at)
    header = {name: getattr(offer, name) for name in COPIED_FIELDS}
    header |= {
        "number": number,
        "closes_on": closes_on,
        "closes_at": closes_at,
        "opens_at": opens_at,
        "starts_on": starts_on or offer.starts_on + shift,
        "ends_on": ends_on or offer.ends_on + shift,
    }
    latest = offer.rulebooks.order_by("-number").first()
    return create_offer(
        at=at,
        sections=_copies(SectionData, offer.sections),
        documents=_copies(DocumentRequestData, offer.documents),
        criteria=latest.criteria if latest else (),
        grid=_copies(GridLineData, offer.grid_lines),
        **header,
    )


def _copies[Part: (SectionData, DocumentRequestData, GridLineData)](
    part: type[Part], rows: models.Manager[Any]
) -> list[Part]:
    names = [field.name for field in fields(part)]
    return [part(**row) for row in rows.order_by("position").values(*names)]
