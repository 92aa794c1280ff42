"""Record the delivery reports of other mail servers: mails that arrived or bounced."""

from datetime import timedelta
from typing import Final

from .models import Message
from .reports import Action, Report
from .selectors import database_instant

RECENT_BOUNCE_DAYS: Final = 14
RECENT_BOUNCE: Final = timedelta(days=RECENT_BOUNCE_DAYS)
"""How long a bounce counts as recent on the dashboard."""
MAX_CLOCK_DIFFERENCE: Final = timedelta(hours=1)
"""Tolerance for another server's clock that is behind: below it, a report is of the last sending."""
RECENT_BOUNCES_VALUE: Final = "retourne-depuis-peu"
"""Value of the parameter `courriel`, in the URL of the deliveries, that selects recent bounces."""


def predates_last_sending(report: Report, message: Message) -> bool:
    """True if `report` is about an earlier sending of `message` than the last: both have the same Message-ID."""
    if report.taken_at is None or message.sent_at is None:
        return False
    return report.taken_at < message.sent_at - MAX_CLOCK_DIFFERENCE


def record_report(report: Report) -> Message | None:
    """Store the outcome of the mail that `report` names, at the database's clock. Return the mail; None if unknown.

    Idempotent for the same outcome; a different, later outcome replaces the first. A report about a sending before the
    last, or while the mail is to be sent again, changes nothing. The delivery stays DONE: the mail server accepted the
    mail.
    """
    message = Message.objects.filter(message_id=report.message_id).first()
    if message is None or predates_last_sending(report, message):
        return message
    at = database_instant()
    if report.action == Action.FAILED:
        ending = {
            "returned_at": at,
            "arrived_at": None,
            "report_code": report.code,
            "report_words": report.words,
        }
        Message.objects.filter(pk=message.pk, is_to_go_again=False, returned_at=None).update(**ending)
    else:
        ending = {"arrived_at": at, "returned_at": None, "report_code": "", "report_words": ""}
        Message.objects.filter(pk=message.pk, is_to_go_again=False, arrived_at=None).update(**ending)
    message.refresh_from_db()
    return message
