"""What a mail about an offer says to whoever filed there: where their candidature stands, and what is left to do."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from intake.outbox.models import Delivery, Message
from intake.submissions.models import Submission
from intake.submissions.models.filing_window import FilingWindow
from intake.submissions.states import TABLE, Action, State


class FiledStatus(StrEnum):
    """Where a filed candidature stands, as far as its person has something to do."""

    GOES_ON = "goes on"
    """Nothing is to be done. A shortlisting is not released: it goes on as before."""
    INVITED = "invited"
    INCOMPLETE = "incomplete"
    WITHDRAWN = "withdrawn"
    SETTLED = "settled"


def filed_status(submission: Submission) -> FiledStatus:
    """Return where a candidature that was filed stands."""
    match State(submission.state):
        case State.COMPLEMENT_REQUESTED:
            return FiledStatus.INCOMPLETE
        case State.WITHDRAWN:
            return FiledStatus.WITHDRAWN
        case State.INTERVIEW:
            return FiledStatus.INVITED
        case state:
            return FiledStatus.GOES_ON if state in TABLE[Action.AMEND].sources else FiledStatus.SETTLED


def filed_mail_context(submission: Submission, at: datetime) -> dict[str, Any]:
    """Return what `mail/filed` reads of a candidature, as it stands at `at`; read it with its filing's receipt.

    `receipt` is None where nothing was filed. `closing` is until when its person may file what they will, exclusive;
    `complement_closing` until when what is asked may be sent, None when nothing is asked or that time is over.
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
    """Say whether the mail that a delivery keeps was written before its person filed, and says that they did not."""
    filing = submission.standing_filing if submission is not None else None
    if filing is None:
        return False
    return Message.objects.filter(delivery=delivery, created_at__lt=filing.received_at).exists()
