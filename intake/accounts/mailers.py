"""Mail of a sign-in code: sent at once, by its own mailer, and stored nowhere.

A code in the outbox could be read in the administration.
"""

import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, override

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template import Context, Engine, loader
from django.utils.translation import get_language

from intake.accounts.codes import code_lifetime

MAILER = "codes"
LINE_LENGTH = 64  # characters; the templates' longest line has 61


class CodeMessage(EmailMultiAlternatives):
    """A message with its code as an attribute, for the terminal."""

    spaced_code: str = ""


def format_code(code: str) -> str:
    """Write a code as two groups of digits, joined by a non-breaking space."""
    return f"{code[:3]}\u00a0{code[3:]}"


def send_code(*, email: str, code: str) -> None:
    """Send `code` to `email` at once, in the active language.

    :raises OSError: if the mail server does not accept it.
    """
    context = {
        "code": format_code(code),
        "minutes": int(code_lifetime().total_seconds() // 60),
        "portal_name": settings.PORTAL_NAME,
        "site_url": settings.SITE_URL.rstrip("/"),
        "contact_unit": settings.PORTAL_CONTACT_UNIT,
        "contact_email": settings.PORTAL_CONTACT_EMAIL,
        "language": get_language(),
    }
    subject = _render_plain("mail/sign_in_code.subject.txt", context).strip()
    message = CodeMessage(
        subject=subject,
        body=_wrap(_render_plain("mail/sign_in_code.txt", context)),
        to=[email],
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )
    html = loader.render_to_string("mail/sign_in_code.html", {**context, "subject": subject})
    message.attach_alternative(html, "text/html")
    message.spaced_code = format_code(code)
    message.send(using=MAILER)


def _render_plain(template: str, context: Mapping[str, Any]) -> str:
    """Render a text template without HTML escaping."""
    return Engine.get_default().get_template(template).render(Context(context, autoescape=False))


def _wrap(text: str) -> str:
    """Wrap the lines of `text` between words; non-breaking spaces and URLs are never broken."""
    lines = (
        textwrap.fill(line, LINE_LENGTH, break_long_words=False, break_on_hyphens=False)
        for line in text.strip().splitlines()
    )
    return "\n".join(lines) + "\n"


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
