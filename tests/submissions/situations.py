"""What may befall a filed submission: each function makes it from the receipt."""

from intake.submissions.lifecycle.operations import announce_move
from intake.submissions.models import Receipt, Submission
from intake.submissions.states import Action, State
from tests.factories.complements import (
    close_after_filings,
    expire_request,
    file_answer,
    request_complement_for,
    start_answer,
)
from tests.factories.people import make_staff
from tests.submissions.filed_pages import amend, submission_of, withdraw


def nothing(_receipt: Receipt) -> None:
    """Leave the submission as it was filed."""


def put_in(receipt: Receipt, state: State) -> None:
    """Put the submission in `state`."""
    Submission.objects.filter(pk=receipt.filing.submission_id).update(state=state)


def close(receipt: Receipt) -> None:
    """Close the offer after its filings."""
    close_after_filings(submission_of(receipt).offer)


def ask_complement(receipt: Receipt) -> None:
    """Request a complement, of the identity too."""
    request_complement_for(submission_of(receipt), sections=["identite"])


def begin_answer(receipt: Receipt) -> None:
    """Request a complement, and start its answer."""
    ask_complement(receipt)
    start_answer(submission_of(receipt))


def answer_complement(receipt: Receipt) -> None:
    """Request a complement of a closed offer, and file its answer."""
    close(receipt)
    ask_complement(receipt)
    file_answer(submission_of(receipt))


def leave_complement_unanswered(receipt: Receipt) -> None:
    """Let the due date of a complement pass, after the closing."""
    expire_request(request_complement_for(submission_of(receipt)))
    close(receipt)


def withdraw_then_begin(receipt: Receipt) -> None:
    """Withdraw the submission, and start a new one."""
    withdraw(receipt)
    amend(receipt)


def refuse_while_amending(receipt: Receipt) -> None:
    """Find the submission inadmissible while it has an open amendment."""
    amend(receipt)
    submission = submission_of(receipt)
    announce_move(
        submission=submission, action=Action.FIND_INADMISSIBLE, actor=make_staff(), version=None, words="Âge."
    )
