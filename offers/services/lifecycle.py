"""Operations around publication: settle a point, confirm the contact address, extend."""

from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, models, transaction

from offers.change_descriptions import describe_point, format_closing
from offers.models import Offer, OfferChange, OfferExtension, OpenPoint

from .changes import check_no_conflict, lock_offer, lock_published, record_change, required_reason
from .creating import closing_instant
from .errors import (
    ExtensionNotLaterError,
    MailboxAlreadyConfirmedError,
    MailboxMissingError,
    OfferDatesError,
    PointAlreadySettledError,
)

_ONLY_LATER: Final = "an_extension_closes_later_than_now"


def settle_point(*, point: OpenPoint, author: models.Model, resolution: str, at: datetime) -> OpenPoint:
    """Store the resolution of an open point; return the point.

    :raises PointAlreadySettledError: if the point is already settled.
    :raises ReasonMissingError: `resolution` is blank.
    """
    with transaction.atomic():
        offer = lock_offer(point.offer)
        point = OpenPoint.objects.select_related("offer").get(pk=point.pk)
        if point.resolved_at is not None:
            raise PointAlreadySettledError(offer, resolution=point.resolution)
        point.resolution = required_reason(offer, resolution)
        point.resolved_at, point.resolved_by_id = at, author.pk
        point.save(update_fields=["resolution", "resolved_at", "resolved_by"])
        record_change(
            offer=offer,
            kind=OfferChange.Kind.POINT_SETTLED,
            author=author,
            at=at,
            details=[describe_point(point)],
            reason=point.resolution,
        )
    return point


def confirm_mailbox(*, offer: Offer, author: models.Model, at: datetime) -> Offer:
    """Confirm the contact's address: the portal may send mail there from `at` (aware). Return the offer.

    :raises MailboxMissingError: if the offer has no address.
    :raises MailboxAlreadyConfirmedError: if the address is already confirmed.
    """
    with transaction.atomic():
        offer = lock_offer(offer)
        if not offer.contact_email:
            raise MailboxMissingError(offer)
        if offer.contact_confirmed_at is not None:
            raise MailboxAlreadyConfirmedError(offer, confirmed_at=offer.contact_confirmed_at)
        offer.contact_confirmed_at = at
        offer.save(update_fields=["contact_confirmed_at"])
        record_change(
            offer=offer,
            kind=OfferChange.Kind.MAILBOX_CONFIRMED,
            author=author,
            at=at,
            details=[offer.contact_email],
        )
    return offer


def extend_deadline(
    *,
    offer: Offer,
    author: models.Model,
    reason: str,
    at: datetime,
    closes_at: datetime | None = None,
    closes_on: date | None = None,
) -> OfferExtension:
    """Move the closing of an offer to a later instant and return the extension. A closed offer opens again.

    Give the new exclusive instant, `closes_at`, or the new last day, `closes_on` (`extended_instant`). The printed
    closing day, which is a reference day of the criteria, does not change.

    :raises ExtensionNotLaterError: if the new closing is not after the current one, `at` and the database's timestamp.
    :raises OfferDatesError: if the stage would start before the new closing.
    :raises OfferNotPublishedError: if the offer is a draft, or cancelled.
    :raises ConflictOfInterestError: if the author is not impartial about the offer (`offers.registrations`).
    :raises ReasonMissingError: if `reason` is blank.
    """
    with transaction.atomic():
        offer = lock_published(offer)
        check_no_conflict(offer, author)
        reason = required_reason(offer, reason)
        before = offer.closes_at
        if closes_at is None:
            closes_at = extended_instant(offer, closes_on)
        if closes_at <= max(before, at):
            raise ExtensionNotLaterError(offer, closes_at=before)
        offer.closes_at = closes_at
        if offer.last_open_day >= offer.starts_on:
            raise OfferDatesError(offer, closes_on=offer.last_open_day)
        offer.save(update_fields=["closes_at"])
        extension = _write_extension(offer, author, reason, before)
        line = f"Date limite\u00a0: {format_closing(before, offer.zone)} → {format_closing(closes_at, offer.zone)}"
        record_change(
            offer=offer, kind=OfferChange.Kind.EXTENDED, author=author, at=at, reason=reason, details=[line]
        )
    return extension


def _write_extension(offer: Offer, author: models.Model, reason: str, before: datetime) -> OfferExtension:
    try:
        return OfferExtension.objects.create(
            offer=offer,
            author_id=author.pk,
            reason=reason,
            closed_at_before=before,
            closes_at=offer.closes_at,
        )
    except IntegrityError as refused:
        # The new closing is past by the database's clock, although it is after `at`.
        broken = getattr(getattr(refused.__cause__, "diag", None), "constraint_name", None)
        if broken == _ONLY_LATER:
            raise ExtensionNotLaterError(offer, closes_at=before) from refused
        raise


def extended_instant(offer: Offer, closes_on: date | None) -> datetime:
    """Return the exclusive instant (UTC) that ends `closes_on`, at the local time of the current closing.

    :raises ValueError: if `closes_on` is None.
    """
    if closes_on is None:
        msg = "an extension needs a day or an instant"
        raise ValueError(msg)
    hour = offer.closes_at.astimezone(offer.zone).time()
    return closing_instant(closes_on=closes_on, zone=offer.zone, like=hour)
