"""The row lock that every change of an offer takes first."""

from offers.editions import edition_of_offer
from offers.models import Offer

from .errors import OfferMovedError


def lock_offer(offer: Offer) -> Offer:
    """Return the offer as it is now, locked until the transaction ends."""
    return Offer.objects.select_for_update(of=("self",)).get(pk=offer.pk)


def refuse_another_edition(offer: Offer, seen: str | None) -> None:
    """Refuse when the locked offer no longer says what `seen` names (`offers.editions`); None stands for anything.

    :raises OfferMovedError: it was changed since.
    """
    if seen is not None and seen != edition_of_offer(offer):
        raise OfferMovedError(offer)
