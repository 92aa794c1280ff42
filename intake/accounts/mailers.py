"""Mail to a person who signs in, at once: the code, sent by its own mailer and stored nowhere.

A code in the outbox could be read in the administration.
"""

import sys
from collections.abc import Sequence
from typing import Any, override

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse
from django.utils.translation import get_language

from intake.accounts.codes import PendingSignIn, code_lifetime, mailed_token
from intake.web.mails import portal_url, render_mail

MAILER = "codes"
LINE_LENGTH = 64  # characters; the templates' longest line has 61


class CodeMessage(EmailMultiAlternatives):
    """A message with its code as an attribute, for the terminal."""

    spaced_code: str = ""


def format_code(code: str) -> str:
    """Write a code as two groups of digits, joined by a non-breaking space."""
    return f"{code[:3]}\u00a0{code[3:]}"


def send_code(*, pending: PendingSignIn, code: str) -> None:
    """Send the code of `pending` to its address at once, in the active language, with a link of the same lifetime.

    :raises OSError: if the mail server does not accept it.
    """
    link = reverse("accounts:sign_in_mailed", args=[mailed_token(pending)])
    _send("sign_in_code", {"link": portal_url(link)}, code=code, to=pending.email)


def send_address_code(*, pending: PendingSignIn, code: str, is_new: bool) -> None:
    """Send, as `send_code`, the code of a signed-in person: to a new address, or to that of their account."""
    _send("address_code", {"is_new": is_new}, code=code, to=pending.email)


def _send(template: str, context: dict[str, Any], *, code: str, to: str) -> None:
    context |= {"code": format_code(code), "minutes": int(code_lifetime().total_seconds() // 60)}
    subject, text, html = render_mail(template, context, language=get_language(), length=LINE_LENGTH)
    message = CodeMessage(
        subject=subject,
        body=text,
        to=[to],
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )
    message.attach_alternative(html, "text/html")
    message.spaced_code = format_code(code)
    message.send(using=MAILER)


class ConsoleCodeBackend(BaseEmailBackend):
    """Print codes on the terminal instead of sending them. Embedded settings only."""

    @override
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Print one line per message; return the number of messages."""
        for message in email_messages:
            code = getattr(message, "spaced_code", message.subject)
            sys.stdout.write(f"Code de connexion pour {', '.join(message.to)}\u00a0: {code}\n")
        sys.stdout.flush()
        return len(email_messages)
