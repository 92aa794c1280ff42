"""Mails about an offer: the context of all of them, an offer change, a personal extension."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.urls import reverse

from intake.accounts.models import User
from intake.outbox.messages import Letter, render_letter
from intake.outbox.models import Delivery, Message
from intake.submissions.delivery_kinds import RECEIPT_PDF_IN_ENGLISH
from intake.submissions.models import Arrival, FilingWindow, PersonalExtension, Submission
from intake.submissions.states import TABLE, Action, State
from intake.web.mails import portal_url
from intake.web.prepared import fetch_one
from offers.models import Offer, OfferChange


class FiledStatus(StrEnum):
    """Status of a filed submission, by what the candidate may still do."""

    GOES_ON = "goes on"
    """The candidate has nothing to do. Includes SHORTLISTED, which is not released."""
    INVITED = "invited"
    INCOMPLETE = "incomplete"
    WITHDRAWN = "withdrawn"
    SETTLED = "settled"


def filed_status(submission: Submission) -> FiledStatus:
    """Return the status of a filed submission."""
    match State(submission.state):
        case State.COMPLEMENT_REQUESTED:
            return FiledStatus.INCOMPLETE
        case State.WITHDRAWN:
            return FiledStatus.WITHDRAWN
        case State.INTERVIEW:
            return FiledStatus.INVITED
        case state:
            return FiledStatus.GOES_ON if state in TABLE[Action.AMEND].sources else FiledStatus.SETTLED


def offer_context(offer: Offer, *, portal_name: str = "") -> dict[str, Any]:
    """Return the context of every mail about `offer`: its contact, if it has one, replaces the portal's.

    `portal_name`: by default, the name of its programme.
    """
    contact = {"contact_unit": offer.contact_unit, "contact_email": offer.contact_email}
    named = {"offer": offer, "portal_name": portal_name or offer.programme.name}
    return named | contact if offer.contact_email else named


def filed_mail_context(submission: Submission, at: datetime) -> dict[str, Any]:
    """Return the context of the template `mail/_filed.html` at `at`. Read `submission` with its filing's receipt.

    `receipt`: None if nothing was filed. `closing`: exclusive end of the ordinary filing window.
    `complement_closing`: exclusive due date of the open complement request; None if there is none or it is past.
    `arrived`: instant at which a draft arrived that still waits to be filed; None if none does.
    """
    filing = submission.standing_filing
    waiting = submission.arrivals.filter(state=Arrival.State.WAITING).first()
    window = FilingWindow(submission.offer, submission.extended_until)
    return {
        "receipt": filing.receipt if filing else None,
        "where": filed_status(submission) if filing else "",
        "may_file_again": window.is_open(at) and submission.state in TABLE[Action.AMEND].sources,
        "closing": window.closing,
        "complement_closing": submission.window.closing if submission.accepts_complement(at) else None,
        "arrived": waiting.arrived_at.astimezone(submission.offer.zone) if waiting else None,
        "drafting": waiting is None and submission.drafts.filter(closed_at=None).exists(),
    }


def reads_english(candidate: User) -> bool:
    """True if the candidate's latest receipt is in English too: the only record of a candidate's language.

    One prepared statement. False before a first filing, so that a mail is in French unless the candidate attested
    otherwise.
    """
    return fetch_one(_READS_ENGLISH, [RECEIPT_PDF_IN_ENGLISH, candidate.pk]) == (True,)


_READS_ENGLISH: Final = """
SELECT EXISTS (SELECT FROM outbox_delivery d WHERE d.kind = %s AND d.key = r.number)
FROM submissions_receipt r
JOIN submissions_filing f ON f.id = r.filing_id
JOIN submissions_submission s ON s.id = f.submission_id
WHERE s.candidate_id = %s
ORDER BY f.received_at DESC, r.id DESC LIMIT 1"""


def is_obsolete(delivery: Delivery, submission: Submission | None) -> bool:
    """True if the delivery's mail was composed before the current filing, and so states that nothing was filed."""
    filing = submission.standing_filing if submission is not None else None
    if filing is None:
        return False
    return Message.objects.filter(delivery=delivery, created_at__lt=filing.received_at).exists()


def compose_extension(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail of a personal extension. Its reason is only on the candidate's pages."""
    extension, submission = _extension_of(delivery)
    offer = extension.offer
    if submission is None:
        page, filed = reverse("submissions:start", args=[offer.number]), {}
    else:
        filed = filed_mail_context(submission, at)
        name = "submissions:receipt" if filed["receipt"] else "submissions:tasks"
        page = reverse(name, args=[submission.public_id])
    return render_letter(
        "personal_extension",
        {
            **filed,
            "closing": extension.closing,
            "everyones": offer.closing,
            "has_draft": submission is not None,
            "page": portal_url(page),
            **offer_context(offer),
        },
        to=extension.candidate.email,
        in_english=reads_english(extension.candidate),
    )


def is_extension_obsolete(delivery: Delivery, at: datetime) -> bool:
    """True if the extension gives no more time, offer or account is closed, or the candidate filed after the mail."""
    extension, submission = _extension_of(delivery)
    offer = extension.offer
    return (
        extension.closes_at <= max(at, offer.closes_at)
        or offer.status != Offer.Status.PUBLISHED
        or not extension.candidate.is_active
        or is_obsolete(delivery, submission)
    )


def _extension_of(delivery: Delivery) -> tuple[PersonalExtension, Submission | None]:
    extension = PersonalExtension.objects.select_related("offer__programme", "candidate").get(pk=delivery.key)
    theirs = Submission.objects.filter(offer=extension.offer_id, candidate=extension.candidate_id)
    return extension, theirs.select_related("offer", "standing_filing__receipt").first()


def compose_change(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail of one offer change to one candidate, with the state of offer and submission at `at`."""
    change, submission = _change_of(delivery), _submission_of(delivery)
    offer, filing = submission.offer, submission.standing_filing
    # The ordinary filing window, with a personal extension and without a complement request's due date.
    is_open = FilingWindow(offer, submission.extended_until).is_open(at)
    page = "submissions:receipt" if filing else "submissions:tasks" if is_open else "submissions:review"
    return render_letter(
        "offer_change",
        {
            "change": change,
            "lines": change.details.splitlines(),
            "now": at,
            "is_open": is_open,
            "is_cancelled": offer.status == Offer.Status.CANCELLED,
            **filed_mail_context(submission, at),
            **offer_context(offer),
            "page": portal_url(reverse(page, args=[submission.public_id])),
            "offer_page": portal_url(offer.get_absolute_url()),
        },
        to=submission.candidate.email,
        in_english=reads_english(submission.candidate),
    )


def is_change_obsolete(delivery: Delivery, _at: datetime) -> bool:
    """True if the account is closed, or the mail was composed before the current filing or before a cancellation.

    Composed before the filing, it states that nothing was filed. Composed before the offer was cancelled, it states a
    closing; the cancellation has its own mail.
    """
    change, submission = _change_of(delivery), _submission_of(delivery)
    is_written = Message.objects.filter(delivery=delivery).exists()
    is_off = submission.offer.status == Offer.Status.CANCELLED and change.kind != OfferChange.Kind.CANCELLED
    return not submission.candidate.is_active or (is_written and is_off) or is_obsolete(delivery, submission)


def _change_of(delivery: Delivery) -> OfferChange:
    return OfferChange.objects.get(pk=delivery.key.partition("-")[0])


def _submission_of(delivery: Delivery) -> Submission:
    rows = Submission.objects.select_related("offer__programme", "candidate", "standing_filing__receipt")
    return rows.get(pk=delivery.subject_id)
