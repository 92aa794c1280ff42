"""Impartiality: who may decide, freeze, export or correct on an offer.

A user who applied to the offer or has a conflict of interest on one of its submissions is not impartial: lists and
decisions show the files together and must not reveal that one.
"""

from django.db.models import Model, QuerySet

from intake.accounts.models import User
from offers.models import Offer

from .committee_membership import applied_to, current_conflicts, offers_applied_to
from .errors import InConflictError, OwnSubmissionError


def impartial_offers(offers: QuerySet[Offer], user: User) -> QuerySet[Offer]:
    """Return the `offers` about which `user` is impartial."""
    bound = current_conflicts(user).values("submission__offer")
    return offers.exclude(pk__in=bound).exclude(pk__in=offers_applied_to(user))


def is_impartial(*, user: User, offer: Offer) -> bool:
    """True if `user` is impartial about `offer`: did not apply to it and has no conflict on any of its submissions."""
    return impartial_offers(Offer.objects.filter(pk=offer.pk), user).exists()


def check_impartial(*, actor: User, offer: Offer) -> None:
    """Raise unless `actor` is impartial about `offer`.

    :raises OwnSubmissionError: if the actor applied to the offer, drafts included.
    :raises InConflictError: if the actor has a conflict of interest on a submission to it.
    """
    if is_impartial(user=actor, offer=offer):
        return
    raise OwnSubmissionError if applied_to(user=actor, offer_id=offer.pk) else InConflictError


def lacks_impartiality(offer: Offer, account: Model) -> bool:
    """True if the account is a user who is not impartial. Registered in `offers.registrations`."""
    return isinstance(account, User) and not is_impartial(user=account, offer=offer)
