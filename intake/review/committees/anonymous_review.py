"""Asking a committee to read without the names, and letting it know them."""

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import PermissionDenied
from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.impartiality import check_impartial
from intake.review.models import BlindReading
from offers.models import Offer


@transaction.atomic
def start_anonymous_review(*, offer: Offer, actor: User) -> bool:
    """Hide from the committee of `offer` whose the files are, from now on; return False if it was so already.

    :raises PermissionDenied: if `actor` may not ask for it.
    :raises OwnSubmissionError: if they applied to the offer, :raises InConflictError: if they are in conflict on it.
    """
    locked = _locked(offer, actor)
    if BlindReading.objects.filter(offer=locked, ended_at=None).exists():
        return False
    BlindReading.objects.create(offer=locked, begun_by=actor)
    record(actor=actor, action="BLIND_READING_BEGUN", subject=locked)
    return True


@transaction.atomic
def end_anonymous_review(*, offer: Offer, actor: User) -> bool:
    """Let the committee of `offer` know whose the files are; return False if it did already.

    :raises PermissionDenied: if `actor` may not.
    :raises OwnSubmissionError: if they applied to the offer, :raises InConflictError: if they are in conflict on it.
    """
    locked = _locked(offer, actor)
    ended = BlindReading.objects.filter(offer=locked, ended_at=None).update(
        ended_by=actor, ended_at=TransactionNow()
    )
    if ended:
        record(actor=actor, action="BLIND_READING_ENDED", subject=locked)
    return bool(ended)


def _locked(offer: Offer, actor: User) -> Offer:
    if not actor.has_perm("review.set_blind_reading"):
        raise PermissionDenied
    check_impartial(actor=actor, offer=offer)
    # Two people who ask at once take turns. An application may be filed meanwhile, whose row points to the offer's.
    return Offer.objects.select_for_update(of=("self",), no_key=True).get(pk=offer.pk)
