"""Mail to a person who deletes their account, at once: what is erased, what is kept and until when. Stored nowhere.

A row of the outbox would keep the address that was just erased.
"""

import logging
from collections.abc import Sequence
from datetime import date

from django.core.mail import EmailMultiAlternatives
from django.utils.translation import get_language

from intake.web.mails import render_mail

logger = logging.getLogger(__name__)


def send_deletion_mail(*, address: str, kept: Sequence[tuple[str, date | None]], drafts_erased: bool) -> None:
    """Send the mail, in the active language. `kept`: number and erasure day of each file that is kept.

    `drafts_erased`: False if a legal hold keeps them.

    A mail server that does not accept it is logged: the account is deleted already.
    """
    subject, text, html = render_mail(
        "account_deleted", {"kept": kept, "drafts_erased": drafts_erased}, language=get_language()
    )
    message = EmailMultiAlternatives(
        subject=subject,
        body=text,
        to=[address],
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )
    message.attach_alternative(html, "text/html")
    try:
        message.send()
    except OSError as error:
        logger.warning("deletion_mail_not_sent %s", type(error).__name__)
