"""Mail that confirms a withdrawal, with the closing until which the candidate may submit again."""

from datetime import datetime

from intake.outbox.messages import Letter
from intake.outbox.models import Delivery
from intake.submissions.models import Filing
from intake.submissions.receipts.queries import receipt_of
from intake.submissions.states import State

from .bilingual import filing_letter


def compose_withdrawal(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail of a withdrawal. The delivery's subject is the receipt of the filing that was withdrawn.

    `closing`: exclusive end of the filing window if the candidate may submit again at `at`, else None.
    """
    filing = _filing_of(delivery)
    window = filing.submission.window
    closing = window.closing if window.is_open(at) else None
    return filing_letter("withdrawal", filing, page="submissions:receipt", closing=closing)


def is_withdrawal_obsolete(delivery: Delivery, _at: datetime) -> bool:
    """True if the candidate has submitted again, or the account is closed or the payload erased. No time limit."""
    filing = _filing_of(delivery)
    submission = filing.submission
    return (
        submission.state != State.WITHDRAWN
        or submission.standing_filing_id != filing.pk
        or not submission.candidate.is_active
        or filing.seal.canonical is None
    )


def _filing_of(delivery: Delivery) -> Filing:
    return receipt_of(delivery).filing
