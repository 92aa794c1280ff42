"""How a complement request ends: with the move, or the filing, that makes it needless, in the same transaction."""

from typing import Final

from django.contrib.postgres.functions import TransactionNow
from django.db import connection

from intake.accounts.models import User
from intake.journal.services import record
from intake.outbox.services import post
from intake.submissions.delivery_kinds import COMPLEMENT_RESUMED_MAIL
from intake.submissions.models import ComplementRequest, Filing, Submission
from intake.submissions.states import Action

Ending = ComplementRequest.Ending

ENDINGS: Final = {
    Action.REQUEST_COMPLEMENT: Ending.REPLACED,
    Action.RESUME: Ending.RESUMED,
    Action.WITHDRAW: Ending.WITHDRAWN,
    Action.FIND_INADMISSIBLE: Ending.DECIDED,
}
"""What a move makes of the request of a file that was incomplete; a filing answers it (`end_answered`)."""

_ANSWERED: Final = """
UPDATE submissions_complementrequest SET ended_at = transaction_timestamp(), ending = 'ANSWERED', answered_by_id = %s
WHERE id = %s AND ended_at IS NULL
"""


def end_request_by_move(*, submission: Submission, action: Action) -> None:
    """End the open request of `submission`, which is locked, as `action` does; the database says when."""
    ComplementRequest.objects.filter(submission=submission, ended_at=None).update(
        ended_at=TransactionNow(), ending=ENDINGS[action]
    )


def post_resumed_mail(*, submission: Submission) -> None:
    """Ask for the mail that says that the complement asked last, which RESUME has just ended, is waited for no more."""
    asked = ComplementRequest.objects.select_related("filing__receipt").filter(submission=submission)
    ended = asked.latest("pk")
    post(kind=COMPLEMENT_RESUMED_MAIL, key=str(ended.pk), subject=ended.filing.receipt)


def end_answered_request(*, number: int, filing: Filing, submission: Submission, actor: User) -> None:
    """End the open request of this `number`, which `filing` answers, and write that it did."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, [filing.pk, number])
    record(actor=actor, action="COMPLEMENT_ANSWERED", subject=submission)
