"""Complement requests for tests, created and answered by the operations of the portal."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from intake.accounts.models import User
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.complements.operations import ComplementContent, request_complement
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import ComplementRequest, Draft, Receipt, Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.people import make_staff
from tests.factories.review import make_filed
from tests.factories.submissions import ALL_DECLARATIONS, close_offer, make_open_offer

WORDS = "Le relevé de notes est illisible : envoyez une copie lisible."


def make_filed_and_closed(offer: Offer | None = None, **answers: Any) -> Submission:
    """File an application to an offer that closed an hour ago; return its submission, reloaded."""
    submission = make_filed(offer or make_open_offer(), **answers)
    close_after_filings(submission.offer)
    return Submission.objects.get(pk=submission.pk)


def close_after_filings(offer: Offer) -> None:
    """Set the closing of `offer` to an hour ago, after the filings that it has."""
    with connection.cursor() as cursor:  # checks deferred to the commit run now, while they pass
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    close_offer(offer, seconds_ago=3600)


def complement_content(submission: Submission, *, days: int = 10, **changes: Any) -> ComplementContent:
    """Return the content of a request for `submission`: by default a new curriculum vitæ, due in `days`."""
    offer = submission.offer
    given: dict[str, Any] = {
        "words": WORDS,
        "documents": [offer.documents.get(kind="CV")],
        "due_on": timezone.now().astimezone(offer.zone).date() + timedelta(days=days),
    }
    return ComplementContent(**given | changes)


def request_complement_for(
    submission: Submission, *, staff: User | None = None, version: int | None = None, **changes: Any
) -> ComplementRequest:
    """Request a complement; reload `submission`."""
    asked = request_complement(
        submission=submission,
        actor=staff or make_staff(),
        asked=complement_content(submission, **changes),
        version=version,
    )
    submission.refresh_from_db()
    return asked


def start_answer(submission: Submission) -> Draft:
    """Open the draft in which the candidate answers."""
    return start_amendment(submission=submission, actor=submission.candidate)


def file_answer(submission: Submission) -> Receipt:
    """File the current filing again, as the answer."""
    draft = start_answer(submission)
    receipt = file_draft(draft=draft, actor=submission.candidate, declarations=ALL_DECLARATIONS)
    submission.refresh_from_db()
    return receipt


def expire_request(
    asked: ComplementRequest, *, until: str = "transaction_timestamp()", asked_at: str = "'2000-01-01'"
) -> None:
    """Set the end and the creation of a request to SQL instants, which the portal itself never does."""
    with as_owner(), connection.cursor() as cursor:
        # PostgreSQL alters no table with pending deferred checks: run this table's checks now.
        cursor.execute(
            "SELECT string_agg(quote_ident(conname), ', ') FROM pg_constraint"
            " WHERE conrelid = 'submissions_complementrequest'::regclass AND condeferrable"
        )
        (waiting,) = cursor.fetchone()
        cursor.execute(f"SET CONSTRAINTS {waiting} IMMEDIATE")
        cursor.execute("ALTER TABLE submissions_complementrequest DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE submissions_complementrequest"  # noqa: S608 -- each instant is written by a test
            f" SET asked_at = {asked_at}, due_at = {until} WHERE id = %s",
            [asked.pk],
        )
        cursor.execute("ALTER TABLE submissions_complementrequest ENABLE TRIGGER USER")
        cursor.execute(f"SET CONSTRAINTS {waiting} DEFERRED")
    asked.refresh_from_db()


def resume_without_complement(
    *, submission: Submission, actor: User, reason: str, version: int | None = None
) -> Submission:
    """Resume the study of an incomplete file as it was filed; return the submission in its new state."""
    return move_submission(
        submission=submission, action=Action.RESUME, actor=actor, reason=reason, version=version
    )
