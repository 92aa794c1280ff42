"""Mails that arrived, or came back: noted from the reports of other servers."""

from datetime import timedelta
from typing import Final

from .models import Message
from .reports import Action, Report
from .selectors import database_instant

RECENT_BOUNCE_DAYS: Final = 14
RECENT_BOUNCE: Final = timedelta(days=RECENT_BOUNCE_DAYS)
"""How long a mail that came back is shown as a trouble of the day."""
MAX_CLOCK_DIFFERENCE: Final = timedelta(hours=1)
"""By how much another server's clock may be behind before what it took is taken for an earlier mail."""
RECENT_BOUNCES_VALUE: Final = "retourne-depuis-peu"
"""The value of `courriel`, in the desk's address, that lists these."""


def predates_last_sending(report: Report, message: Message) -> bool:
    """Say whether `report` is of an earlier sending of `message` than the last, which bears the same Message-ID."""
    if report.taken_at is None or message.sent_at is None:
        return False
    return report.taken_at < message.sent_at - MAX_CLOCK_DIFFERENCE


def record_report(report: Report) -> Message | None:
    """Write what became of the mail that `report` is about, by the database's clock; return it, None: no mail of ours.

    A second report of the same end changes nothing; of another end, the later one is believed. Of a mail that went
    again, one of the time before is not, nor any while it is to go. It is no end of the delivery, which is done: the
    mail server took the mail.
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
