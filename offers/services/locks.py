"""The row lock that each change of an offer takes first, and the checks under it."""

from django.db import models

from offers.conflict_check import has_conflict
from offers.content_digests import offer_digest
from offers.models import Offer

from .errors import ConflictOfInterestError, OfferChangedError


def lock_offer(offer: Offer) -> Offer:
    """Lock the row of the offer until the transaction ends and return its current content."""
    return Offer.objects.select_for_update(of=("self",)).get(pk=offer.pk)


def check_offer_digest(offer: Offer, seen: str | None) -> None:
    """Raise unless the locked offer has the content digest `seen`; None accepts any digest.

    :raises OfferChangedError: if the digest differs: another user changed the offer.
    """
    if seen is not None and seen != offer_digest(offer):
        raise OfferChangedError(offer)


def check_no_conflict(offer: Offer, author: models.Model | None) -> None:
    """Raise unless `author` is impartial about the locked offer.

    :raises ConflictOfInterestError: if a registered conflict check is true.
    """
    if has_conflict(offer, author):
        raise ConflictOfInterestError(offer)
