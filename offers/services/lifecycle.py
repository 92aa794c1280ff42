"""What staff do with an offer around its publication: settle, confirm, extend, cancel."""

from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, models, transaction

from offers.change_descriptions import describe_point, format_closing
from offers.models import Offer, OfferChange, OfferExtension, OpenPoint

from .creating import closing_instant
from .errors import (
    ExtensionNotLaterError,
    MailboxAlreadyConfirmedError,
    MailboxMissingError,
    OfferDatesError,
    OfferNotPublishedError,
    PointAlreadySettledError,
)
from .locks import check_no_conflict, lock_offer
from .publishing import last_open_day
from .records import record_change, required_reason

_ONLY_LATER: Final = "an_extension_closes_later_than_now"


def settle_point(*, point: OpenPoint, author: models.Model, resolution: str, at: datetime) -> OpenPoint:
    """Say how a point that the import left open was settled; return it as it is now.

    :raises PointAlreadySettledError: somebody settled it before.
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
    """Say that the contact's address was checked: from `at` on, the portal may write there. Return the offer.

    :raises MailboxMissingError: the offer gives no address.
    :raises MailboxAlreadyConfirmedError: somebody confirmed it before.
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
    """Let everyone file until later, and return the extension; an offer that had closed opens again.

    Give the new exclusive instant, `closes_at`, or the new last day, `closes_on`: that day ends at the hour at which
    the offer closes now. The day that was printed stays, and with it the day on which the criteria judge.

    :raises ExtensionNotLaterError: that is not later than what holds, or not later than `at` or the database's instant.
    :raises OfferDatesError: the stage would have started.
    :raises OfferNotPublishedError: the offer is a draft, or cancelled.
    :raises StakeInOfferError: the author has a stake in the offer (`offers.conflict_check`).
    :raises ReasonMissingError: `reason` is blank.
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
        if last_open_day(offer) >= offer.starts_on:
            raise OfferDatesError(offer, closes_on=last_open_day(offer))
        offer.save(update_fields=["closes_at"])
        extension = _write_extension(offer, author, reason, before)
        said = f"Date limite\u00a0: {format_closing(before, offer.zone)} → {format_closing(closes_at, offer.zone)}"
        record_change(
            offer=offer, kind=OfferChange.Kind.EXTENDED, author=author, at=at, reason=reason, details=[said]
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
        # Its instant passed since `at`, or by another clock.
        broken = getattr(getattr(refused.__cause__, "diag", None), "constraint_name", None)
        if broken == _ONLY_LATER:
            raise ExtensionNotLaterError(offer, closes_at=before) from refused
        raise


def extended_instant(offer: Offer, closes_on: date | None) -> datetime:
    """Return the exclusive instant (UTC) that ends `closes_on` at the hour at which the offer closes now.

    :raises ValueError: no day is given.
    """
    if closes_on is None:
        msg = "an extension needs a day or an instant"
        raise ValueError(msg)
    hour = offer.closes_at.astimezone(offer.zone).time()
    return closing_instant(closes_on=closes_on, zone=offer.zone, like=hour)


def cancel_offer(*, offer: Offer, author: models.Model, reason: str, at: datetime) -> Offer:
    """Say that the stage will not take place: nothing is filed any more, what was begun stays readable.

    :raises OfferNotPublishedError: the offer is a draft, or cancelled before.
    :raises StakeInOfferError: the author has a stake in the offer (`offers.conflict_check`).
    :raises ReasonMissingError: `reason` is blank.
    """
    with transaction.atomic():
        offer = lock_published(offer)
        check_no_conflict(offer, author)
        reason = required_reason(offer, reason)
        offer.status = Offer.Status.CANCELLED
        offer.save(update_fields=["status"])
        record_change(offer=offer, kind=OfferChange.Kind.CANCELLED, author=author, at=at, reason=reason)
    return offer


def lock_published(offer: Offer) -> Offer:
    """Return the offer as it is now, locked until the transaction ends.

    :raises OfferNotPublishedError: it is a draft, or cancelled.
    """
    offer = lock_offer(offer)
    if offer.status != Offer.Status.PUBLISHED:
        raise OfferNotPublishedError(offer, status=offer.status)
    return offer
