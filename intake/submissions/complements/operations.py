"""Request a complement of an incomplete file, and the days on which it may be due.

A due day ends at the hour at which the offer closes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.outbox.services import post
from intake.submissions.access.queries import open_complement
from intake.submissions.delivery_kinds import COMPLEMENT_REQUEST_MAIL
from intake.submissions.lifecycle.errors import SubmissionError
from intake.submissions.lifecycle.locks import with_row_locks
from intake.submissions.lifecycle.operations import check_move, end_request_by_move, write_move
from intake.submissions.models import ComplementDocument, ComplementRequest, Submission
from intake.submissions.questions.sections import asked_sections
from intake.submissions.states import Action
from offers.models import DocumentRequest, Offer
from offers.selectors import document_requests
from offers.services.lifecycle import extended_instant

MIN_TIME: Final = timedelta(hours=48)
"""Minimum time to find a document: elapsed hours, whatever changes of daylight saving time."""
_DAY: Final = timedelta(days=1)
_CLOCK_STEP: Final = timedelta(microseconds=1)


class EmptyComplementError(SubmissionError):
    """The complement request names neither a document nor a section."""

    code = "NOTHING_ASKED"
    message = _(
        "La demande ne contient ni document ni section : la personne candidate ne pourrait rien changer."
    )


class ComplementTooSoonError(SubmissionError):
    """The due date leaves too little time, or is earlier than the current one. `earliest`: first possible one (UTC)."""

    code = "COMPLEMENT_TOO_SOON"
    message = _(
        "Ce dernier jour laisse moins de 48 heures, ou moins de temps que le délai "
        "annoncé. Choisissez un jour plus éloigné."
    )

    def __init__(self, *, earliest: datetime) -> None:
        self.earliest = earliest


class ComplementTooLateError(SubmissionError):
    """The due day is not before `starts_on`, the day on which the stage starts."""

    code = "COMPLEMENT_TOO_LATE"
    message = _("Le stage aurait commencé. Choisissez un dernier jour avant le début du stage.")

    def __init__(self, *, starts_on: date) -> None:
        self.starts_on = starts_on


@dataclass(frozen=True, slots=True)
class ComplementDays:
    """First and last day, both inclusive, on which a complement may be due, and the default day."""

    first: date
    last: date
    usual: date

    @property
    def is_possible(self) -> bool:
        """True if at least one day is possible."""
        return self.first <= self.last


def complement_days(offer: Offer, *, at: datetime, kept: datetime | None = None) -> ComplementDays:
    """Return the possible due days at `at` (aware).

    `kept`: exclusive due date that the candidate already has, if any; a day that ends earlier is not possible.
    """
    least = max(at + MIN_TIME, kept) if kept is not None else at + MIN_TIME
    first = (least - _CLOCK_STEP).astimezone(offer.zone).date()
    while extended_instant(offer, first) < least:
        first += _DAY
    last = offer.starts_on - _DAY
    usual = at.astimezone(offer.zone).date() + timedelta(days=settings.COMPLEMENT_DAYS)
    return ComplementDays(first=first, last=last, usual=min(max(usual, first), last))


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplementContent:
    """Content of a complement request."""

    words: str
    """What is missing, why, and what to send."""
    sections: Collection[str] = ()
    """Keys of the draft sections that may change."""
    documents: Collection[DocumentRequest] = ()
    """Documents that may be replaced."""
    due_on: date
    """Inclusive due day: it ends at the hour at which the offer closes."""


@transaction.atomic
def request_complement(
    *, submission: Submission, actor: User, asked: ComplementContent, version: int | None = None
) -> ComplementRequest:
    """Lock `submission`, move it to COMPLEMENT_REQUESTED, store the request, post its mail; return the request.

    The due day ends at least 48 hours from now, and before the stage starts. A second request replaces the open one
    and is not due earlier. `version`: the submission's, as the actor read it; None skips that check.

    :raises MoveNotAllowedError: if no complement may be requested in this state, or not by this actor.
    :raises OfferCancelledError: if the offer is cancelled.
    :raises HumanReviewUpheldError: if the human review is UPHELD.
    :raises ReasonMissingError: if `asked.words` is blank.
    :raises StaleSubmissionError: if the submission changed after `version`.
    :raises EmptyComplementError: if neither a document nor a section is named.
    :raises ComplementTooSoonError: if the due date leaves less than 48 hours, or is earlier than the current one.
    :raises ComplementTooLateError: if the due day is not before the start of the stage.
    :raises ValueError: if the offer does not ask for a named section or document.
    """
    current = with_row_locks(Submission.objects.filter(pk=submission.pk)).get()
    check_move(current, Action.REQUEST_COMPLEMENT, actor, asked.words, version)
    keys = _section_keys(current, asked)
    before = open_complement(current)
    due_at = _due_at(
        current, asked.due_on, current.db_now, kept=before.due_at if before is not None else None
    )
    filing = current.standing_filing
    if filing is None:
        msg = "only a filing is found incomplete"
        raise ValueError(msg)
    words = asked.words.strip()
    moved = write_move(submission=current, action=Action.REQUEST_COMPLEMENT, actor=actor, reason=words)
    if before is not None:
        end_request_by_move(submission=moved, action=Action.REQUEST_COMPLEMENT)
    request = ComplementRequest.objects.create(
        submission=moved, filing=filing, asked_by=actor, words=words, due_at=due_at, sections=keys
    )
    ComplementDocument.objects.bulk_create(
        ComplementDocument(complement=request, request=document) for document in asked.documents
    )
    post(kind=COMPLEMENT_REQUEST_MAIL, key=str(request.pk), subject=filing.receipt)
    return request


def _section_keys(submission: Submission, asked: ComplementContent) -> list[str]:
    """Return the requested section keys in the order of the form; raise if the offer does not ask for all of it."""
    offer = submission.offer
    keys = [section.key for section in asked_sections(offer) if section.key in asked.sections]
    offered = {document.pk for document in document_requests(offer)}
    if len(keys) != len(set(asked.sections)) or not {document.pk for document in asked.documents} <= offered:
        msg = "a complement is of what the offer asks"
        raise ValueError(msg)
    if not keys and not asked.documents:
        raise EmptyComplementError
    return keys


def _due_at(submission: Submission, due_on: date, now: datetime, *, kept: datetime | None) -> datetime:
    offer = submission.offer
    days = complement_days(offer, at=now, kept=kept)
    if due_on > days.last:
        raise ComplementTooLateError(starts_on=offer.starts_on)
    if due_on < days.first:
        raise ComplementTooSoonError(earliest=extended_instant(offer, days.first))
    return extended_instant(offer, due_on)
