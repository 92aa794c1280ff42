"""Import of a published text: it becomes a draft offer with open points."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models, transaction

from offers.models import (
    DocumentRequest,
    GridLine,
    GridLineData,
    Offer,
    OfferChange,
    OpenPoint,
    Section,
    SectionData,
)
from offers.page.parts import Contact, OfferPage, Point

from .changes import record_change
from .creating import DEFAULT_DOCUMENTS, closing_instant, create_offer, write_parts
from .errors import OfferNotADraftError
from .rulebooks import draft_rulebook

_OPEN_FOR = timedelta(days=30)  # before closing, for an offer that is closed when imported
_NO_CONTACT = Contact(unit="", phone="", extension="", email="", printed=())


def import_page(
    *, page: OfferPage, at: datetime, time_zone: str, author: models.Model | None = None
) -> Offer:
    """Write the offer that a page describes, as a draft, and return it.

    If a draft already has the page's number, the page replaces its header, sections, grid, points and draft criteria,
    but not its document requests, the resolutions of points with the same code and excerpt, and the confirmation of an
    unchanged contact address. A new offer opens at `at` (aware) or, if `at` is not before its closing, 30 days before
    it. It has the default document requests, and no mail goes to its contact address until staff confirm it.
    `time_zone` is the zone of its days; `author` is None for a command.

    :raises OfferNotADraftError: if a published offer has the number.
    :raises OverflowError: if a day is at the end of the calendar.
    :raises django.db.IntegrityError: if the page breaks a constraint of the table.
    """
    closes_at = closing_instant(closes_on=page.header.closes_on, zone=ZoneInfo(time_zone))
    header = {
        **_header(page),
        "time_zone": time_zone,
        "closes_at": closes_at,
        "opens_at": at if at < closes_at else closes_at - _OPEN_FOR,
    }
    sections = [SectionData(kind=part.kind, title=part.title, text=part.text) for part in page.sections]
    grid = [GridLineData(text=line.text, requirement=line.requirement) for line in page.grid]
    with transaction.atomic():
        offer = _lock_numbered(page.header.number)
        if offer is None:
            offer = create_offer(
                at=at,
                sections=sections,
                documents=DEFAULT_DOCUMENTS,
                criteria=page.criteria,
                grid=grid,
                **header,
            )
        else:
            _replace_header(offer, header)
            offer.sections.all().delete()
            write_parts(offer, Section, sections)
            offer.grid_lines.all().delete()
            write_parts(offer, GridLine, grid)
            if not offer.documents.exists():
                write_parts(offer, DocumentRequest, DEFAULT_DOCUMENTS)
            if page.criteria or offer.rulebooks.exists():
                draft_rulebook(offer=offer, criteria=page.criteria, at=at)
        _write_points(offer, page.points, at=at)
        record_change(offer=offer, kind=OfferChange.Kind.IMPORTED, author=author, at=at)
    return offer


def _header(page: OfferPage) -> dict[str, Any]:
    contact = asdict(page.contact or _NO_CONTACT)
    header = asdict(page.header) | {f"contact_{name}": value for name, value in contact.items()}
    del header["printed"], header["contact_printed"]
    return header | {"funder": page.funder}


def _lock_numbered(number: str | None) -> Offer | None:
    """Lock and return the draft with this number, if any; raise `OfferNotADraftError` if it is not a draft."""
    if number is None:
        return None
    offer = Offer.objects.select_for_update(of=("self",)).filter(number=number).first()
    if offer is not None and offer.status != Offer.Status.DRAFT:
        raise OfferNotADraftError(offer, status=offer.status)
    return offer


def _replace_header(offer: Offer, header: dict[str, Any]) -> None:
    if offer.opens_at < header["closes_at"]:
        header["opens_at"] = offer.opens_at
    if header["contact_email"] != offer.contact_email:
        header["contact_confirmed_at"] = None
    for name, value in header.items():
        setattr(offer, name, value)
    offer.save(update_fields=list(header))


def _write_points(offer: Offer, points: Iterable[Point], *, at: datetime) -> None:
    """Replace the points of an offer. A point with the code and excerpt of a settled one stays settled."""
    settled = {
        (point.code, point.excerpt): point
        for point in offer.points.exclude(resolved_at=None).order_by("position")
    }
    offer.points.all().delete()
    rows = []
    for position, point in enumerate(points, start=1):
        row = OpenPoint(offer=offer, position=position, created_at=at, **asdict(point))
        if before := settled.get((point.code, point.excerpt)):
            row.created_at, row.resolution = before.created_at, before.resolution
            row.resolved_at, row.resolved_by_id = before.resolved_at, before.resolved_by_id
        rows.append(row)
    OpenPoint.objects.bulk_create(rows)
