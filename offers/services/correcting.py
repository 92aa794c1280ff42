"""Corrections of a published offer, with a reason. Drafts and filings of candidates still fit the corrected offer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import models, transaction

from offers.change_descriptions import document_lines, header_lines, section_lines
from offers.models import DocumentRequest, DocumentRequestData, Offer, OfferChange, Section, SectionData

from .changes import check_no_conflict, check_offer_digest, lock_published, record_change, required_reason
from .creating import write_parts
from .errors import (
    DocumentMadeStricterError,
    FieldNotCorrectableError,
    NothingToCorrectError,
    OfferDatesError,
    Stricter,
)

_FIXED: Final = frozenset(
    {
        *("id", "public_id", "number", "programme", "status", "listed"),
        *("opens_at", "closes_on", "closes_at", "closed_at_before", "time_zone"),
        *("published_at", "created_at", "contact_confirmed_at", "search_text"),
    }
)
"""Fields of a published offer that no correction changes: its identity, its filing period, what the portal writes."""
CORRECTABLE: Final = tuple(field.name for field in Offer._meta.concrete_fields if field.name not in _FIXED)
"""Fields of a published offer that a correction may change, in their order in the model: all others."""


def correct_offer(
    *,
    offer: Offer,
    author: models.Model,
    reason: str,
    at: datetime,
    header: Mapping[str, Any] | None = None,
    sections: Sequence[SectionData] | None = None,
    documents: Sequence[DocumentRequestData] | None = None,
    seen: str | None = None,
) -> OfferChange:
    """Correct a published offer and return the change, its `details` one line per thing changed.

    `header` has fields of `CORRECTABLE`. `sections` replace all sections, in order; None leaves them. `documents` are
    the current document requests, in order, then new ones; None leaves them. Documents that candidates prepared or
    filed must still fit: no request is removed, limits only widen, a required document may become optional, and a new
    one is optional. A changed contact address must be confirmed again. Changed dates count in criteria once a new
    version is published. `seen` is the `offer_digest` that the author read, if any.

    :raises OfferNotPublishedError: if the offer is a draft, or cancelled.
    :raises ConflictOfInterestError: if the author is not impartial (`offers.registrations.has_conflict`).
    :raises OfferChangedError: if the digest of the offer is not `seen`.
    :raises ReasonMissingError: if `reason` is blank.
    :raises FieldNotCorrectableError: if `header` has another field.
    :raises DocumentMadeStricterError: if a document request would be removed or become stricter.
    :raises OfferDatesError: if the stage would start before the offer closes.
    :raises NothingToCorrectError: if nothing would change.
    :raises django.db.IntegrityError: if the header breaks a constraint of the table.
    """
    with transaction.atomic():
        offer = lock_published(offer)
        check_no_conflict(offer, author)
        reason = required_reason(offer, reason)
        check_offer_digest(offer, seen)
        lines = correction_details(offer, header=header, sections=sections, documents=documents)
        if not lines:
            raise NothingToCorrectError(offer)
        _write_header(offer, _changed_fields(offer, header or {}))
        if sections is not None:
            offer.sections.all().delete()
            write_parts(offer, Section, sections)
        if documents is not None:
            _write_documents(offer, documents)
        return record_change(
            offer=offer, kind=OfferChange.Kind.CORRECTED, author=author, at=at, reason=reason, details=lines
        )


def correction_details(
    offer: Offer,
    *,
    header: Mapping[str, Any] | None = None,
    sections: Sequence[SectionData] | None = None,
    documents: Sequence[DocumentRequestData] | None = None,
) -> list[str]:
    """Return one line per thing that such a correction would change; empty if none. Nothing is written.

    :raises FieldNotCorrectableError: see `correct_offer`.
    :raises DocumentMadeStricterError: see `correct_offer`.
    :raises OfferDatesError: see `correct_offer`.
    """
    header = header or {}
    if strange := sorted(header.keys() - set(CORRECTABLE)):
        raise FieldNotCorrectableError(offer, fields=strange)
    changed = _changed_fields(offer, header)
    if "starts_on" in changed and changed["starts_on"] <= offer.last_open_day:
        raise OfferDatesError(offer, closes_on=offer.last_open_day)
    lines = list(header_lines(offer, changed))
    if sections is not None:
        lines += section_lines(list(offer.sections.order_by("position")), sections)
    if documents is not None:
        requests = list(offer.documents.order_by("position"))
        _check_not_stricter(offer, requests, documents)
        lines += document_lines(requests, documents)
    return lines


def _changed_fields(offer: Offer, header: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: header[name] for name in CORRECTABLE if name in header and header[name] != getattr(offer, name)
    }


def _write_header(offer: Offer, changed: Mapping[str, Any]) -> None:
    for name, value in changed.items():
        setattr(offer, name, value)
    if "contact_email" in changed:
        offer.contact_confirmed_at = None
    if changed:
        offer.save(update_fields=[*changed, "contact_confirmed_at"])


def _write_documents(offer: Offer, documents: Sequence[DocumentRequestData]) -> None:
    rows = list(offer.documents.order_by("position"))
    for row, new in zip(rows, documents, strict=False):
        row.label, row.hint, row.required = new.label, new.hint, new.required
        row.max_pages, row.max_bytes = new.max_pages, new.max_bytes
    DocumentRequest.objects.bulk_update(rows, ["label", "hint", "required", "max_pages", "max_bytes"])
    first = max((row.position for row in rows), default=0) + 1
    write_parts(offer, DocumentRequest, documents[len(rows) :], first=first)


def _check_not_stricter(
    offer: Offer, rows: Sequence[DocumentRequest], documents: Sequence[DocumentRequestData]
) -> None:
    if len(documents) < len(rows):
        raise DocumentMadeStricterError(offer, document=rows[len(documents)].label, problem=Stricter.REMOVED)
    for row, new in zip(rows, documents, strict=False):
        stricter = {
            Stricter.KIND: new.kind != row.kind,
            Stricter.REQUIRED: new.required and not row.required,
            Stricter.PAGES: new.max_pages < row.max_pages,
            Stricter.BYTES: new.max_bytes < row.max_bytes,
        }
        for problem, is_stricter in stricter.items():
            if is_stricter:
                raise DocumentMadeStricterError(offer, document=row.label, problem=problem)
    for new in documents[len(rows) :]:
        if new.required:
            raise DocumentMadeStricterError(offer, document=new.label, problem=Stricter.NEW_REQUIRED)
