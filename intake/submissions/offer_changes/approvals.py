"""Who may approve the cancellation of an offer."""

from typing import Final

from django.db.models import QuerySet

from intake.accounts.backends import NoPasswordBackend
from intake.accounts.models import User
from offers.models import OfferChange
from offers.registrations import has_conflict
from offers.selectors import asked_cancellations

_PUBLISH: Final = "offers.publish_offer"


def publishers() -> QuerySet[User]:
    """Return the active staff who may publish offers, and so ask for a cancellation and approve one."""
    people: QuerySet[User] = NoPasswordBackend().with_perm(_PUBLISH)
    return people.filter(is_staff=True).order_by("pk")


def cancellations_to_approve(reader: User) -> list[OfferChange]:
    """Return those that `reader` may approve: asked by another one, of an offer about which they are impartial."""
    if not reader.has_perm(_PUBLISH):
        return []
    rows = asked_cancellations().exclude(author=reader)
    return [asked for asked in rows if not has_conflict(asked.offer, reader)]
