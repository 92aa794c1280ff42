"""Making an offer of a published text: a draft, with what the text could not settle beside it."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models, transaction

from offers.models import Offer, OfferChange, OpenPoint
from offers.page import Contact, Header, OfferPage, Point

from .creating import (
    GridLineData,
    SectionData,
    closing_instant,
    create_offer,
    write_documents,
    write_grid,
    write_sections,
)
from .default_documents import DEFAULT_DOCUMENTS
from .errors import OfferNotADraftError
from .records import record_change
from .rulebooks import draft_rulebook

_OPEN_FOR = timedelta(days=30)  # before closing, for an offer that had closed when it was imported
_NO_CONTACT = Contact(unit="", phone="", extension="", email="", printed=())


def import_page(
    *, page: OfferPage, at: datetime, time_zone: str, author: models.Model | None = None
) -> Offer:
    """Write the offer that a page describes, as a draft, and return it.

    A draft that already has the page's number becomes what the page says: its header, sections, grid and points are
    replaced and its criteria drafted anew; documents asked, what staff settled about the same words, and the
    confirmation of the same mailbox stay. A new offer opens at `at` (aware), or, when it would already be closed by
    then, thirty days before closing; it asks for the programme's usual documents, and its mailbox gets nothing until
    staff confirm it. `time_zone` is where its days are read; `author` is None for a command.

    :raises OfferNotADraftError: the number is that of an offer that was published.
    :raises OverflowError: the days are at the end of the calendar.
    :raises django.db.IntegrityError: the page breaks a rule of the table.
    """
    closes_at = closing_instant(closes_on=page.header.closes_on, zone=ZoneInfo(time_zone))
    header = {
        **_header(page),
        "time_zone": time_zone,
        "closes_at": closes_at,
        "opens_at": at if at < closes_at else closes_at - _OPEN_FOR,
    }
    with transaction.atomic():
        offer = _lock_numbered(page.header.number)
        if offer is None:
            offer = create_offer(
                at=at,
                sections=_sections(page),
                documents=DEFAULT_DOCUMENTS,
                criteria=page.criteria,
                grid=_grid(page),
                **header,
            )
        else:
            _replace(offer, page, header, at=at)
        _write_points(offer, page.points, at=at)
        record_change(offer=offer, kind=OfferChange.Kind.IMPORTED, author=author, at=at)
    return offer


def _header(page: OfferPage) -> dict[str, Any]:
    """Return the fields of the offer that the page states."""
    contact = page.contact or _NO_CONTACT
    stated = {
        field.name: getattr(page.header, field.name) for field in fields(Header) if field.name != "printed"
    }
    return {
        **stated,
        "funder": page.funder,
        "contact_unit": contact.unit,
        "contact_phone": contact.phone,
        "contact_extension": contact.extension,
        "contact_email": contact.email,
    }


def _lock_numbered(number: str | None) -> Offer | None:
    """Return the draft that has this number, locked; None when no offer has it.

    :raises OfferNotADraftError: the offer was published.
    """
    if number is None:
        return None
    offer = Offer.objects.select_for_update(of=("self",)).filter(number=number).first()
    if offer is not None and offer.status != Offer.Status.DRAFT:
        raise OfferNotADraftError(offer, status=offer.status)
    return offer


def _replace(offer: Offer, page: OfferPage, header: dict[str, Any], *, at: datetime) -> None:
    """Make a draft what the page says."""
    if offer.opens_at < header["closes_at"]:
        header["opens_at"] = offer.opens_at
    if header["contact_email"] != offer.contact_email:
        header["contact_confirmed_at"] = None
    for name, value in header.items():
        setattr(offer, name, value)
    offer.save(update_fields=list(header))
    offer.sections.all().delete()
    write_sections(offer, _sections(page))
    offer.grid_lines.all().delete()
    write_grid(offer, _grid(page))
    if not offer.documents.exists():
        write_documents(offer, DEFAULT_DOCUMENTS)
    if page.criteria or offer.rulebooks.exists():
        draft_rulebook(offer=offer, criteria=page.criteria, at=at)


def _sections(page: OfferPage) -> list[SectionData]:
    return [SectionData(kind=part.kind, title=part.title, text=part.text) for part in page.sections]


def _grid(page: OfferPage) -> list[GridLineData]:
    return [GridLineData(text=line.text, requirement=line.requirement) for line in page.grid]


def _write_points(offer: Offer, points: Iterable[Point], *, at: datetime) -> None:
    """Write the points of an import; one about the same words that somebody settled before stays settled."""
    settled = {
        (point.code, point.excerpt): point
        for point in offer.points.exclude(resolved_at=None).order_by("position")
    }
    offer.points.all().delete()
    rows = []
    for position, point in enumerate(points, start=1):
        row = OpenPoint(offer=offer, position=position, code=point.code, excerpt=point.excerpt, created_at=at)
        if before := settled.get((point.code, point.excerpt)):
            row.created_at, row.resolution = before.created_at, before.resolution
            row.resolved_at, row.resolved_by_id = before.resolved_at, before.resolved_by_id
        rows.append(row)
    OpenPoint.objects.bulk_create(rows)
