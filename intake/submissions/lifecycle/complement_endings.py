"""End a complement request in the transaction of the move or filing that ends it."""

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
"""Ending of the open request, by action. A filing ends it with ANSWERED (`end_answered_request`)."""

_ANSWERED: Final = """
UPDATE submissions_complementrequest SET ended_at = transaction_timestamp(), ending = 'ANSWERED', answered_by_id = %s
WHERE id = %s AND ended_at IS NULL
"""


def end_request_by_move(*, submission: Submission, action: Action) -> None:
    """End the open request of `submission` with the ending of `action`. The caller locked the submission."""
    ComplementRequest.objects.filter(submission=submission, ended_at=None).update(
        ended_at=TransactionNow(), ending=ENDINGS[action]
    )


def post_resumed_mail(*, submission: Submission) -> None:
    """Post the mail about the latest complement request, which RESUME has just ended."""
    asked = ComplementRequest.objects.select_related("filing__receipt").filter(submission=submission)
    ended = asked.latest("pk")
    post(kind=COMPLEMENT_RESUMED_MAIL, key=str(ended.pk), subject=ended.filing.receipt)


def end_answered_request(*, number: int, filing: Filing, submission: Submission, actor: User) -> None:
    """End the open request with primary key `number` as answered by `filing`, and record it in the journal."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, [filing.pk, number])
    record(actor=actor, action="COMPLEMENT_ANSWERED", subject=submission)
