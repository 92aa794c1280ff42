"""Steps of each change of an offer: its row lock, the checks under it, and the record of the change."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models

from offers.models import Offer, OfferChange
from offers.registrations import has_conflict, notify_listeners
from offers.selectors import offer_digest

from .errors import ConflictOfInterestError, OfferChangedError, OfferNotPublishedError, ReasonMissingError


def lock_offer(offer: Offer) -> Offer:
    """Lock the row of the offer until the transaction ends and return its current content."""
    return Offer.objects.select_for_update(of=("self",)).get(pk=offer.pk)


def lock_published(offer: Offer) -> Offer:
    """Lock a published offer until the transaction ends, return its row; raise `OfferNotPublishedError` for others."""
    offer = lock_offer(offer)
    if offer.status != Offer.Status.PUBLISHED:
        raise OfferNotPublishedError(offer, status=offer.status)
    return offer


def check_offer_digest(offer: Offer, seen: str | None) -> None:
    """Raise `OfferChangedError` unless the locked offer has the content digest `seen`; None accepts any digest."""
    if seen is not None and seen != offer_digest(offer):
        raise OfferChangedError(offer)


def check_no_conflict(offer: Offer, author: models.Model | None) -> None:
    """Raise `ConflictOfInterestError` unless `author` is impartial about the locked offer."""
    if has_conflict(offer, author):
        raise ConflictOfInterestError(offer)


def required_reason(offer: Offer, reason: str) -> str:
    """Return the reason without surrounding whitespace; raise `ReasonMissingError` if nothing is left."""
    stripped = reason.strip()
    if not stripped:
        raise ReasonMissingError(offer)
    return stripped


def record_change(
    *,
    offer: Offer,
    kind: OfferChange.Kind,
    author: models.Model | None,
    at: datetime,
    reason: str = "",
    details: Iterable[str] = (),
) -> OfferChange:
    """Write an `OfferChange` of this kind and call the listeners. Needs the offer's lock.

    `author` is None for a command; `details` are French sentences that candidates may read, one per thing changed.
    """
    change = OfferChange.objects.create(
        offer=offer,
        kind=kind,
        at=at,
        author_id=author.pk if author is not None else None,
        reason=reason,
        details="\n".join(details),
    )
    notify_listeners(change)
    return change
