"""Give one candidate more time to file for one offer, with author and reason: `docs/rules.md#personal-extension`."""

from datetime import date, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.base.database_errors import broken_constraint
from intake.journal.services import record
from intake.outbox.services import post
from intake.submissions.access.queries import window_of
from intake.submissions.delivery_kinds import PERSONAL_EXTENSION_MAIL
from intake.submissions.lifecycle.errors import SubmissionError
from intake.submissions.models import PersonalExtension, Submission
from offers.models import Offer
from offers.services.changes import lock_published, required_reason
from offers.services.errors import ExtensionNotLaterError, OfferDatesError
from offers.services.lifecycle import extended_instant


class SelfExtensionError(SubmissionError):
    """The author is the candidate."""

    code = "OWN_EXTENSION"


class StaleExtensionError(SubmissionError):
    """The candidate's closing changed after the author read it. `closes_at`: the current one, exclusive (UTC)."""

    code = "EXTENDED_MEANWHILE"
    message = _("La date limite de cette personne a changé entre-temps. Relisez : rien n’a changé.")

    def __init__(self, *, closes_at: datetime) -> None:
        self.closes_at = closes_at


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
    """Allow `candidate` to file for `offer` until the end of `closes_on`, post the mail, and return the extension.

    The day ends at the hour at which the offer closes. The candidate needs no draft there. Criteria still use the
    printed deadline. `seen`: the candidate's exclusive closing that the author read; None skips that check.

    :raises StaleExtensionError: if the candidate's closing differs from `seen`.
    :raises SelfExtensionError: if the author is the candidate.
    :raises offers.services.ExtensionNotLaterError: if the new closing is not later than the candidate's, than `at`, or
        than the transaction timestamp.
    :raises offers.services.OfferDatesError: if the day is not before the start of the stage.
    :raises offers.services.OfferNotPublishedError: if the offer is a draft or cancelled.
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
        if broken_constraint(refused) == _ONLY_LATER:  # passed after `at`, or by another clock
            raise ExtensionNotLaterError(offer, closes_at=before) from refused
        raise
    record(
        actor=author,
        action="PERSONAL_EXTENSION_GIVEN",
        subject=extension,
        detail=f"{offer.number} {closes_at:%Y-%m-%dT%H:%M:%SZ}",
    )
    # The subject is the submission, if there is one: its page lists the mails about it.
    begun = Submission.objects.filter(offer=offer, candidate=candidate).first()
    post(kind=PERSONAL_EXTENSION_MAIL, key=str(extension.pk), subject=begun or extension)
    return extension
