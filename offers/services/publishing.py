"""Publication of an offer, and its conditions."""

from datetime import datetime

from django.db import models, transaction

from offers.models import Offer, OfferChange

from .changes import check_offer_digest, lock_offer, record_change
from .errors import Condition, OfferNotADraftError, OfferNotReadyError
from .rulebooks import seal_version


def publish_offer(
    *,
    offer: Offer,
    at: datetime,
    author: models.Model | None = None,
    seen: str | None = None,
    mailbox_unconfirmed_is_fine: bool = False,
) -> Offer:
    """Publish a draft offer, seal its latest criteria with its dates, and return the offer.

    `at` (aware) becomes `published_at`. An offer that already closed may be published as a record. `seen` is the
    `offer_digest` that the author read, if any. `author` is None for a command. `mailbox_unconfirmed_is_fine` is only
    for commands: no mail goes to the contact address until staff confirm it.

    :raises OfferNotADraftError: if the offer was published before.
    :raises OfferChangedError: if the digest of the offer is not `seen`.
    :raises OfferNotReadyError: if a condition of publication is missing, or a point is not settled.
    """
    with transaction.atomic():
        offer = lock_offer(offer)
        if offer.status != Offer.Status.DRAFT:
            raise OfferNotADraftError(offer, status=offer.status)
        check_offer_digest(offer, seen)
        version = offer.rulebooks.order_by("-number").first()
        missing = _missing_conditions(offer, has_rulebook=version is not None)
        if mailbox_unconfirmed_is_fine:
            missing = [name for name in missing if name != Condition.MAILBOX]
        if version is None or missing:
            raise OfferNotReadyError(offer, missing=missing)
        if version.published_at is None:
            seal_version(version, offer=offer, at=at).save()
        offer.status = Offer.Status.PUBLISHED
        offer.published_at = at
        offer.save(update_fields=["status", "published_at"])
        record_change(offer=offer, kind=OfferChange.Kind.PUBLISHED, author=author, at=at)
    return offer


def missing_for_publication(offer: Offer) -> list[Condition]:
    """Return the missing conditions of publication; empty if the offer is ready."""
    return _missing_conditions(offer, has_rulebook=offer.rulebooks.exists())


def _missing_conditions(offer: Offer, *, has_rulebook: bool) -> list[Condition]:
    closes_on = offer.last_open_day
    present = {
        Condition.NUMBER: bool(offer.number),
        Condition.CONTACT: bool(offer.contact_email or offer.contact_phone),
        Condition.MAILBOX: not offer.contact_email or offer.contact_confirmed_at is not None,
        Condition.RULEBOOK: has_rulebook,
        Condition.DATES: closes_on == offer.closes_on and closes_on < offer.starts_on,
        Condition.POINTS: not offer.points.filter(resolved_at=None).exists(),
    }
    return [name for name, there in present.items() if not there]
