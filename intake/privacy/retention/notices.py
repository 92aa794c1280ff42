"""Mail to a candidate 30 days before their filed application is erased. A draft has its own reminders."""

from datetime import date, datetime
from typing import Final

from intake.outbox.messages import Letter
from intake.outbox.models import Delivery
from intake.outbox.services import post_in_slices
from intake.privacy.delivery_kinds import ERASURE_NOTICE_MAIL
from intake.submissions.mails.bilingual import filing_letter
from intake.submissions.models import Receipt, Submission
from intake.submissions.receipts.queries import receipt_of

from .queries import erasure_day, soon_due_submissions

NOTICE_DAYS: Final = 30


def post_notices(*, at: datetime) -> int:
    """Post the notice of each filed submission that will be erased within `NOTICE_DAYS`; return the number of new ones.

    Once for each day of erasure: a day that moves gets another notice.
    """
    days = soon_due_submissions(days=NOTICE_DAYS)
    rows = Receipt.objects.filter(filing__submission__in=days, filing__replaced_by=None).order_by("pk")
    told = ((f"{row.number}/{days[row.filing.submission_id]}", row) for row in rows.select_related("filing"))
    return post_in_slices(kind=ERASURE_NOTICE_MAIL, subjects=told, at=at)


def compose_notice(delivery: Delivery, _at: datetime) -> Letter:
    """Return the mail. The delivery's subject is the receipt of the current filing.

    :raises intake.dossiers.services.AnonymisedError: if the payload was erased.
    """
    return filing_letter("erasure_notice", receipt_of(delivery).filing, erased_on=_day_of(delivery))


def is_notice_obsolete(delivery: Delivery, _at: datetime) -> bool:
    """True if the submission is held or erased, its day moved, or the account is closed."""
    submission: Submission = receipt_of(delivery).filing.submission
    return erasure_day(submission) != _day_of(delivery) or not submission.candidate.is_active


def _day_of(delivery: Delivery) -> date:
    return date.fromisoformat(delivery.key.rpartition("/")[2])
