"""Mails of a complement request: the request, the reminder two days before its due date, and the early end.

The last is sent if the review resumes without the complement before its due date.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from intake.outbox.messages import Letter
from intake.outbox.models import Delivery
from intake.submissions.access.queries import complements
from intake.submissions.models import Arrival, ComplementRequest, Filing
from intake.submissions.questions.sections import Section, sections_by_keys
from intake.submissions.states import DECIDED, TABLE, Action, State
from offers.models import DocumentRequest, Offer

from .bilingual import filing_letter

REMINDER_LEAD_TIME: Final = timedelta(days=2)
"""Elapsed time between a reminder and the due date."""
MIN_AGE_TO_REMIND: Final = timedelta(days=3)
"""No reminder if the request was made less than this before its due date: the candidate has just read it."""


def complement_letter(
    *,
    filing: Filing,
    words: str,
    due_at: datetime,
    sections: Iterable[Section],
    documents: Iterable[DocumentRequest],
    template: str = "complement_request",
) -> Letter:
    """Return the mail of a complement request, stored or not yet: the page's preview is the mail that is sent.

    In French, then in English too if the receipt is. `words`, the text of the request, is the same in both. `due_at`
    is exclusive. `filing` is the incomplete filing.

    :raises intake.dossiers.services.AnonymisedError: if the payload was erased.
    """
    return filing_letter(
        template,
        filing,
        words=words,
        sections=list(sections),
        documents=list(documents),
        closing=due_at.astimezone(filing.submission.offer.zone),
    )


def compose_complement(delivery: Delivery, _at: datetime) -> Letter:
    """Return the mail of the complement request whose primary key is the delivery's key."""
    return _letter_of(_request_of(delivery), "complement_request")


def compose_complement_reminder(delivery: Delivery, _at: datetime) -> Letter:
    """Return the reminder of a complement request that is not answered yet."""
    return _letter_of(_request_of(delivery), "complement_reminder")


def compose_complement_resumed(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail that the complement is no longer awaited. The delivery's key is the request's primary key.

    If the candidate may amend at `at`, the mail gives the closing until which a started answer can be filed. The
    team's reason is not included.
    """
    asked = _request_of(delivery)
    submission = asked.submission
    asked.filing.submission = submission
    window = submission.window
    amends = window.is_open(at) and State(submission.state) in TABLE[Action.AMEND].sources
    return filing_letter(
        "complement_resumed", asked.filing, words="", closing=window.closing if amends else None
    )


def is_resumed_obsolete(delivery: Delivery, _at: datetime) -> bool:
    """True if there is a later filing, a later complement request, a decision, or no recipient. No time limit."""
    asked = _request_of(delivery)
    submission = asked.submission
    return (
        submission.standing_filing_id != asked.filing_id
        or submission.complements.filter(pk__gt=asked.pk).exists()
        or State(submission.state) in DECIDED
        or _has_no_recipient(asked)
    )


def is_request_obsolete(delivery: Delivery, at: datetime) -> bool:
    """True if the request ended, or is past its due date at `at`, or has no recipient."""
    asked = _request_of(delivery)
    return asked.ended_at is not None or asked.is_over(at) or _has_no_recipient(asked)


def is_complement_reminder_obsolete(delivery: Delivery, at: datetime) -> bool:
    """True if the request is obsolete, or a draft waits to be filed: if it is refused, another mail states it."""
    asked = _request_of(delivery)
    waiting = asked.submission.arrivals.filter(state=Arrival.State.WAITING)
    return waiting.exists() or is_request_obsolete(delivery, at)


def _has_no_recipient(asked: ComplementRequest) -> bool:
    """True if the account is closed, the offer is not published or the filing's payload was erased."""
    submission = asked.submission
    return (
        not submission.candidate.is_active
        or submission.offer.status != Offer.Status.PUBLISHED
        or asked.filing.seal.canonical is None
    )


def _request_of(delivery: Delivery) -> ComplementRequest:
    rows = complements().select_related(
        "submission__offer__programme", "submission__candidate", "filing__receipt", "filing__seal"
    )
    return rows.get(pk=int(delivery.key))


def _letter_of(asked: ComplementRequest, template: str) -> Letter:
    asked.filing.submission = asked.submission
    return complement_letter(
        filing=asked.filing,
        words=asked.words,
        due_at=asked.due_at,
        sections=sections_by_keys(asked.submission.offer, asked.sections),
        documents=asked.documents.all(),
        template=template,
    )
