"""Context of mails about an offer: its contact, status of the candidate's submission, what they may still do."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from intake.outbox.models import Delivery, Message
from intake.submissions.models import FilingWindow, Submission
from intake.submissions.states import TABLE, Action, State
from offers.models import Offer


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
    """
    filing = submission.standing_filing
    window = FilingWindow(submission.offer, submission.extended_until)
    return {
        "receipt": filing.receipt if filing else None,
        "where": filed_status(submission) if filing else "",
        "may_file_again": window.is_open(at) and submission.state in TABLE[Action.AMEND].sources,
        "closing": window.closing,
        "complement_closing": submission.window.closing if submission.accepts_complement(at) else None,
        "drafting": submission.drafts.filter(closed_at=None).exists(),
    }


def is_obsolete(delivery: Delivery, submission: Submission | None) -> bool:
    """True if the delivery's mail was composed before the current filing, and so states that nothing was filed."""
    filing = submission.standing_filing if submission is not None else None
    if filing is None:
        return False
    return Message.objects.filter(delivery=delivery, created_at__lt=filing.received_at).exists()
