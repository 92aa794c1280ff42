"""Start and end the anonymous review of an offer."""

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
    """Start the anonymous review of `offer`; return False if one is already running.

    :raises PermissionDenied: if `actor` lacks the permission `set_blind_reading`.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    """
    locked = _locked(offer, actor)
    if BlindReading.objects.filter(offer=locked, ended_at=None).exists():
        return False
    BlindReading.objects.create(offer=locked, begun_by=actor)
    record(actor=actor, action="BLIND_READING_BEGUN", subject=locked)
    return True


@transaction.atomic
def end_anonymous_review(*, offer: Offer, actor: User) -> bool:
    """End the anonymous review of `offer`; return False if none is running.

    :raises PermissionDenied: if `actor` lacks the permission `set_blind_reading`.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
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
    # Serialises concurrent changes. NO KEY: a filing, whose row references the offer, does not wait.
    return Offer.objects.select_for_update(of=("self",), no_key=True).get(pk=offer.pk)
