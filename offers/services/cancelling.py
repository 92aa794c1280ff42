"""Cancel an offer: one person asks for it, another one approves it. All who applied are told.

Each step is a row of the offer's history. Until the approval, the offer stays as it is.
"""

from datetime import datetime

from django.db import models, transaction

from offers.models import Offer, OfferChange
from offers.selectors import asked_cancellation

from .changes import check_no_conflict, lock_published, record_change, required_reason
from .errors import CancellationDecidedError, CancellationOpenError, SecondCancellerError

Kind = OfferChange.Kind


@transaction.atomic
def ask_cancellation(*, offer: Offer, author: models.Model, reason: str, at: datetime) -> OfferChange:
    """Ask for the cancellation of an offer, with the reason that candidates will read. Return the request.

    :raises OfferNotPublishedError: if the offer is a draft, or cancelled.
    :raises ConflictOfInterestError: if the author is not impartial about the offer (`offers.registrations`).
    :raises ReasonMissingError: if `reason` is blank.
    :raises CancellationOpenError: if another request waits.
    """
    offer = lock_published(offer)
    check_no_conflict(offer, author)
    reason = required_reason(offer, reason)
    if asked_cancellation(offer):
        raise CancellationOpenError(offer)
    return record_change(offer=offer, kind=Kind.CANCEL_ASKED, author=author, at=at, reason=reason)


@transaction.atomic
def approve_cancellation(*, offer: Offer, author: models.Model, seen: int, at: datetime) -> OfferChange:
    """Cancel an offer, as a second person: nothing more can be filed; drafts stay readable. Return the change.

    `seen`: primary key of the request that the author read.

    :raises OfferNotPublishedError, ConflictOfInterestError: as `ask_cancellation`.
    :raises CancellationDecidedError: if that request does not wait.
    :raises SecondCancellerError: if the author asked for it.
    """
    offer, asked = _lock_asked(offer, author, seen)
    if asked.author_id == author.pk:
        raise SecondCancellerError(offer)
    offer.status = Offer.Status.CANCELLED
    # Written first: the database accepts the new status only then.
    change = record_change(offer=offer, kind=Kind.CANCELLED, author=author, at=at, reason=asked.reason)
    offer.save(update_fields=["status"])
    return change


@transaction.atomic
def refuse_cancellation(*, offer: Offer, author: models.Model, seen: int, at: datetime) -> OfferChange:
    """Refuse a request to cancel; the one who asked withdraws it so. The offer does not change.

    :raises OfferNotPublishedError, ConflictOfInterestError, CancellationDecidedError: as `approve_cancellation`.
    """
    offer, asked = _lock_asked(offer, author, seen)
    kind = Kind.CANCEL_WITHDRAWN if asked.author_id == author.pk else Kind.CANCEL_REFUSED
    return record_change(offer=offer, kind=kind, author=author, at=at)


def _lock_asked(offer: Offer, author: models.Model, seen: int) -> tuple[Offer, OfferChange]:
    offer = lock_published(offer)
    check_no_conflict(offer, author)
    asked = asked_cancellation(offer)
    if asked is None or asked.pk != seen:
        raise CancellationDecidedError(offer)
    return offer, asked
