"""The row lock that every change of an offer takes first."""

from django.db import models

from offers.conflict_check import has_stake
from offers.editions import edition_of_offer
from offers.models import Offer

from .errors import OfferMovedError, StakeInOfferError


def lock_offer(offer: Offer) -> Offer:
    """Return the offer as it is now, locked until the transaction ends."""
    return Offer.objects.select_for_update(of=("self",)).get(pk=offer.pk)


def refuse_another_edition(offer: Offer, seen: str | None) -> None:
    """Refuse when the locked offer no longer says what `seen` names (`offers.editions`); None stands for anything.

    :raises OfferMovedError: it was changed since.
    """
    if seen is not None and seen != edition_of_offer(offer):
        raise OfferMovedError(offer)


def refuse_stake(offer: Offer, author: models.Model | None) -> None:
    """Refuse that somebody with a stake in the locked offer changes it.

    :raises StakeInOfferError: they have one.
    """
    if has_stake(offer, author):
        raise StakeInOfferError(offer)
