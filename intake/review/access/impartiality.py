"""Who is impartial about an offer, so that they may decide, freeze, export or correct anything there.

Whoever applied to it has a stake in it, and whoever has a conflict of interest on one of its candidatures: the files
stand side by side, in its lists and its decisions, and no trace may be left of one of them.
"""

from django.db.models import Model, QuerySet

from intake.accounts.models import User
from offers.models import Offer

from .committee_membership import applied_to, offers_applied_to
from .errors import InConflictError, OwnSubmissionError
from .queries import current_conflicts


def impartial_offers(offers: QuerySet[Offer], user: User) -> QuerySet[Offer]:
    """Return those of `offers` in which `user` has no stake."""
    bound = current_conflicts(user).values("submission__offer")
    return offers.exclude(pk__in=bound).exclude(pk__in=offers_applied_to(user))


def is_impartial(*, user: User, offer: Offer) -> bool:
    """Say whether `user` has no stake in `offer`: neither applied to it, nor is in conflict on one of its files."""
    return impartial_offers(Offer.objects.filter(pk=offer.pk), user).exists()


def check_impartial(*, actor: User, offer: Offer) -> None:
    """Refuse that `actor` does something to `offer`, if they have a stake in it.

    :raises OwnSubmissionError: if they applied to it, were it by a draft.
    :raises InConflictError: if they have a conflict of interest on a candidature to it.
    """
    if is_impartial(user=actor, offer=offer):
        return
    raise OwnSubmissionError if applied_to(user=actor, offer_id=offer.pk) else InConflictError


def lacks_impartiality(offer: Offer, account: Model) -> bool:
    """Say to `offers.conflict_check` whether an account is that of somebody who is not impartial."""
    return isinstance(account, User) and not is_impartial(user=account, offer=offer)
