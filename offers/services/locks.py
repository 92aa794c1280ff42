"""The row lock that every change of an offer takes first."""

from django.db import models

from offers.conflict_check import has_conflict
from offers.content_digests import offer_digest
from offers.models import Offer

from .errors import ConflictOfInterestError, OfferChangedError


def lock_offer(offer: Offer) -> Offer:
    """Return the offer as it is now, locked until the transaction ends."""
    return Offer.objects.select_for_update(of=("self",)).get(pk=offer.pk)


def check_offer_digest(offer: Offer, seen: str | None) -> None:
    """Refuse when the locked offer no longer has the content digest `seen`; None stands for any digest.

    :raises OfferMovedError: it was changed since.
    """
    if seen is not None and seen != offer_digest(offer):
        raise OfferChangedError(offer)


def check_no_conflict(offer: Offer, author: models.Model | None) -> None:
    """Refuse that somebody with a stake in the locked offer changes it.

    :raises StakeInOfferError: they have one.
    """
    if has_conflict(offer, author):
        raise ConflictOfInterestError(offer)
