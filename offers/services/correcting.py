"""Correcting what a published offer says, with a reason, without changing under anybody what they already did."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import models, transaction

from offers.change_descriptions import document_lines, header_lines, section_lines
from offers.models import DocumentRequest, Offer, OfferChange

from .creating import DocumentRequestData, SectionData, write_documents, write_sections
from .errors import (
    DocumentMadeStricterError,
    FieldNotCorrectableError,
    NothingToCorrectError,
    OfferDatesError,
)
from .lifecycle import lock_published
from .locks import check_no_conflict, check_offer_digest
from .publishing import last_open_day
from .records import record_change, required_reason

CORRECTABLE: Final = (
    "organisation",
    "organisation_short",
    "domain",
    "place",
    "remote_possible",
    "starts_on",
    "ends_on",
    "allowance_min",
    "allowance_max",
    "currency",
    "funder",
    "contact_unit",
    "contact_phone",
    "contact_extension",
    "contact_email",
)
"""The fields of a published offer that a correction may touch: not its number, nor when one may file."""


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

    `header` holds fields of `CORRECTABLE`. `sections`, when given, are the whole text in its order. `documents`,
    when given, are those asked for now, in their order, then any that are added: nothing that a candidate prepared
    or filed may stop fitting, so none is removed, limits only widen, what is required may become optional, and what
    is added is optional. A changed contact address is to be confirmed again. Moved dates of the stage leave the
    sealed criteria alone: they judge once a new version is published. `seen` names what was read before
    (`offers.content_digests`); None corrects whatever is there.

    :raises OfferNotPublishedError: the offer is a draft, or cancelled.
    :raises StakeInOfferError: the author has a stake in the offer (`offers.conflict_check`).
    :raises OfferMovedError: it no longer says what was read.
    :raises ReasonMissingError: `reason` is blank.
    :raises FieldNotCorrectableError: `header` holds another field.
    :raises DocumentMadeStricterError: a document would be removed or asked for more strictly.
    :raises OfferDatesError: the stage would start before candidatures close.
    :raises NothingToCorrectError: the offer says all that already.
    :raises django.db.IntegrityError: the header breaks a rule of the table.
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
            write_sections(offer, sections)
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
    """Return, in words, what such a correction would change; empty when nothing. Nothing is written.

    :raises FieldNotCorrectableError: as `correct_offer`, and :raises DocumentMadeStricterError: and
        :raises OfferDatesError: too.
    """
    header = header or {}
    if strange := sorted(header.keys() - set(CORRECTABLE)):
        raise FieldNotCorrectableError(offer, fields=strange)
    changed = _changed_fields(offer, header)
    if "starts_on" in changed and changed["starts_on"] <= last_open_day(offer):
        raise OfferDatesError(offer, closes_on=last_open_day(offer))
    lines = list(header_lines(offer, changed))
    if sections is not None:
        lines += section_lines(list(offer.sections.order_by("position")), sections)
    if documents is not None:
        asked = list(offer.documents.order_by("position"))
        _check_not_stricter(offer, asked, documents)
        lines += document_lines(asked, documents)
    return lines


def _changed_fields(offer: Offer, header: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what differs from the offer, in the order in which one reads it."""
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
    asked = list(offer.documents.order_by("position"))
    for row, wanted in zip(asked, documents, strict=False):
        row.label, row.hint, row.required = wanted.label, wanted.hint, wanted.required
        row.max_pages, row.max_bytes = wanted.max_pages, wanted.max_bytes
    DocumentRequest.objects.bulk_update(asked, ["label", "hint", "required", "max_pages", "max_bytes"])
    first = max((row.position for row in asked), default=0) + 1
    write_documents(offer, documents[len(asked) :], first=first)


def _check_not_stricter(
    offer: Offer, asked: Sequence[DocumentRequest], wanted: Sequence[DocumentRequestData]
) -> None:
    if len(wanted) < len(asked):
        raise DocumentMadeStricterError(offer, document=asked[len(wanted)].label, problem="REMOVED")
    for row, new in zip(asked, wanted, strict=False):
        stricter = {
            "KIND": new.kind != row.kind,
            "REQUIRED": new.required and not row.required,
            "PAGES": new.max_pages < row.max_pages,
            "BYTES": new.max_bytes < row.max_bytes,
        }
        for problem, found in stricter.items():
            if found:
                raise DocumentMadeStricterError(offer, document=row.label, problem=problem)
    for new in wanted[len(asked) :]:
        if new.required:
            raise DocumentMadeStricterError(offer, document=new.label, problem="NEW_REQUIRED")
