"""Giving one person more time to file for one offer, in the open: who, why, until when (DOMAIN, "The deadline")."""

from datetime import date, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.outbox.services import post
from intake.submissions.access.queries import window_of
from intake.submissions.delivery_kinds import PERSONAL_EXTENSION_MAIL
from intake.submissions.models import PersonalExtension, Submission
from intake.web.constraints import broken_constraint
from offers.models import Offer
from offers.services import (
    ExtensionNotLaterError,
    OfferDatesError,
    extended_instant,
    lock_published,
    required_reason,
)

from .errors import SelfExtensionError, StaleExtensionError

_CLOCK_STEP: Final = timedelta(microseconds=1)
_ONLY_LATER: Final = "a_personal_extension_closes_only_later"


@transaction.atomic
def extend_personal_deadline(
    *,
    offer: Offer,
    candidate: User,
    author: User,
    reason: str,
    closes_on: date,
    at: datetime,
    seen: datetime | None = None,
) -> PersonalExtension:
    """Let `candidate` alone file for `offer` until the end of `closes_on`, and return the extension.

    Their day ends at the hour at which the offer closes for everyone. They need no draft there yet. They are told by
    mail; the criteria go on judging by the day that was printed. `seen` is the exclusive closing that the author read
    as this person's; `None` extends whatever holds.

    :raises ExtendedMeanwhileError: if this person's closing is no longer the one `seen`.
    :raises OwnExtensionError: if the author is the candidate.
    :raises offers.services.ExtensionNotLaterError: if that is not later than what this person has, or than `at`,
        or than the database's instant.
    :raises offers.services.OfferDatesError: if the stage would have started.
    :raises offers.services.OfferNotPublishedError: if the offer is a draft, or cancelled.
    :raises offers.services.ReasonMissingError: if `reason` is blank.
    """
    if author.pk == candidate.pk:
        raise SelfExtensionError
    offer = lock_published(offer)
    reason = required_reason(offer, reason)
    before = window_of(candidate, offer).closes_at
    if seen is not None and seen != before:
        raise StaleExtensionError(closes_at=before)
    closes_at = extended_instant(offer, closes_on)
    if closes_at <= max(before, at):
        raise ExtensionNotLaterError(offer, closes_at=before)
    last_day = (closes_at - _CLOCK_STEP).astimezone(offer.zone).date()
    if last_day >= offer.starts_on:
        raise OfferDatesError(offer, closes_on=last_day)
    try:
        extension = PersonalExtension.objects.create(
            offer=offer, candidate=candidate, author=author, reason=reason, closes_at=closes_at
        )
    except IntegrityError as refused:
        if broken_constraint(refused) == _ONLY_LATER:  # its instant passed since `at`, or by another clock
            raise ExtensionNotLaterError(offer, closes_at=before) from refused
        raise
    record(
        actor=author,
        action="PERSONAL_EXTENSION_GIVEN",
        subject=extension,
        detail=f"{offer.number} {closes_at:%Y-%m-%dT%H:%M:%SZ}",
    )
    # About their candidature where there is one: its page lists the mails about it.
    begun = Submission.objects.filter(offer=offer, candidate=candidate).first()
    post(kind=PERSONAL_EXTENSION_MAIL, key=str(extension.pk), subject=begun or extension)
    return extension
