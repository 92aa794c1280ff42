"""Offer changes: one row for each, and a call of the registered listeners."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models

from offers.change_listeners import notify_listeners
from offers.models import Offer, OfferChange

from .errors import ReasonMissingError


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

    `author` is a user, None for a command; `details` are French sentences that candidates may read, one per thing
    changed.
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


def required_reason(offer: Offer, reason: str) -> str:
    """Return the reason without surrounding whitespace.

    :raises ReasonMissingError: if nothing is left.
    """
    kept = reason.strip()
    if not kept:
        raise ReasonMissingError(offer)
    return kept
