"""The mails of a complement request: what is missing and until when; two days before, that it did not come.

And, where the study goes on without it while there was time left to send it, that it is waited for no more.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import OuterRef
from django.urls import reverse

from intake.dossiers.services import read_seal
from intake.outbox.letters import Letter, render_letter
from intake.outbox.models import Delivery
from intake.submissions.access.queries import complements
from intake.submissions.models import ComplementRequest, Filing, Receipt
from intake.submissions.questions.queries import sections_by_keys
from intake.submissions.questions.sections import Section
from intake.submissions.receipts.pdf_status import requested_in_english
from intake.submissions.states import DECIDED, TABLE, Action, State
from offers.models import DocumentRequest, Offer

from .contact import contact_of

REMINDER_LEAD_TIME: Final = timedelta(days=2)
"""How long before the time is over a reminder leaves, elapsed hours."""
MIN_AGE_TO_REMIND: Final = timedelta(days=3)
"""Whoever was asked later than that before the time is over has just read it, and is not reminded."""


def complement_letter(
    *,
    filing: Filing,
    words: str,
    due_at: datetime,
    sections: Iterable[Section],
    documents: Iterable[DocumentRequest],
    template: str = "complement_request",
) -> Letter:
    """Return the mail of a complement request, made or about to be made; the same on the page and in the mailbox.

    In French and, to those whose receipt is in English too, in English after it. `words` are in both as they were
    typed. `due_at` is exclusive. `filing` is the one that was found incomplete.

    :raises intake.dossiers.services.AnonymisedError: if what was filed is erased.
    """
    return _letter(
        template,
        filing,
        words=words,
        sections=list(sections),
        documents=list(documents),
        closing=due_at.astimezone(filing.submission.offer.zone),
    )


def compose_complement(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail of the request whose number is the delivery's key; `at` is not shown."""
    del at
    return _letter_of(_request_of(delivery), "complement_request")


def compose_complement_reminder(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail that says that nothing came yet; `at` is not shown."""
    del at
    return _letter_of(_request_of(delivery), "complement_reminder")


def compose_complement_resumed(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail that says that the request whose number is the delivery's key is waited for no more.

    What was begun in answer may still be filed, as any modification, by whoever may file what they will at `at`. Why
    the study goes on is the team's own: it is not in it.
    """
    asked = _request_of(delivery)
    submission = asked.submission
    asked.filing.submission = submission
    window = submission.window
    amends = window.is_open(at) and State(submission.state) in TABLE[Action.AMEND].sources
    return _letter("complement_resumed", asked.filing, words="", closing=window.closing if amends else None)


def is_resumed_obsolete(delivery: Delivery, at: datetime) -> bool:
    """Say whether the mail of a request that the team gave up is no longer true: more came, or is asked, or is decided.

    At no instant of itself: that there is nothing to send stays worth knowing.
    """
    del at
    asked = _request_of(delivery)
    submission = asked.submission
    return (
        submission.standing_filing_id != asked.filing_id
        or submission.complements.filter(pk__gt=asked.pk).exists()
        or State(submission.state) in DECIDED
        or _has_no_recipient(asked)
    )


def is_request_obsolete(delivery: Delivery, at: datetime) -> bool:
    """Say whether the mail of a request is no longer true at `at`: something ended it, or its time is over."""
    asked = _request_of(delivery)
    return asked.ended_at is not None or asked.is_over(at) or _has_no_recipient(asked)


def _has_no_recipient(asked: ComplementRequest) -> bool:
    """Say whether nothing is to be written any more: the account is closed, the offer cancelled, the filing erased."""
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


def _letter(template: str, filing: Filing, **said: Any) -> Letter:
    """Return the mail that says what is `said` about `filing`, read along with its submission."""
    submission = filing.submission
    offer = submission.offer
    subject, text, html = render_letter(
        template,
        {
            "part": f"mail/{template}_part",
            "in_english": _reads_english(filing.receipt),
            "person": read_seal(filing.seal).person,
            "number": filing.receipt.number,
            "call": offer.number,
            "offer": offer,
            "host": offer.organisation_short or offer.organisation,
            "portal_name": offer.programme.name,
            **said,
            **contact_of(offer),
            "page": settings.SITE_URL.rstrip("/")
            + reverse("submissions:follow", args=[submission.public_id]),
        },
    )
    return Letter(to=submission.candidate.email, subject=subject, text=text, html=html)


def _reads_english(receipt: Receipt) -> bool:
    return Receipt.objects.filter(requested_in_english(OuterRef("number")), pk=receipt.pk).exists()
