"""`manage.py send_probe_mail ADDRESS`: one mail at once, without the outbox, and what the mail server answers."""

import smtplib
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, mailers
from django.core.mail.backends.smtp import EmailBackend
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from intake.base.command_errors import exit_bad_input
from intake.outbox.messages import MAILER

_FINAL = 300  # the first code that takes nothing (RFC 5321, 4.2.1)


class Command(BaseCommand):
    """Send a mail by the server of `EMAIL_URL`, as the portal's mails leave; exit 1 unless the server takes it."""

    help = "Send a mail to ADDRESS at once; say by which server, and what that server answered. Exit 1: not taken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", metavar="ADDRESS", help="a mailbox that you can read")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            validate_email(options["address"])
        except ValidationError:
            exit_bad_input(f"{options['address']} is no address")
        server = mailers[MAILER]
        mail = EmailMessage(
            subject=_("Courriel d’essai du portail"),
            body=_("Ce courriel d’essai vient du portail %(site)s. Vous n’avez rien à faire.")
            % {"site": settings.SITE_URL},
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[options["address"]],
            headers={"Auto-Submitted": "auto-generated"},
        )
        if not isinstance(server, EmailBackend):
            mail.send(using=MAILER)
            self.stdout.write(
                "No mail server is set (EMAIL_URL): the mail is where these settings leave mails."
            )
            return
        name = f"{server.host}:{server.port}"
        try:
            answer = _send(server, mail)
        except smtplib.SMTPResponseException as refusal:
            answer = _text(refusal.smtp_code, refusal.smtp_error)
            message = f"{name} does not take it, from {mail.from_email}: {answer}"
            raise CommandError(message) from None
        except (OSError, smtplib.SMTPException) as error:
            message = f"{name} does not answer: {error}"
            raise CommandError(message) from None
        finally:
            server.close()
        self.stdout.write(f"{name} took the mail from {mail.from_email}: {answer}")


def _send(server: EmailBackend, mail: EmailMessage) -> str:
    """Return the answer to the whole mail.

    :raises smtplib.SMTPResponseException: if the server refuses it at any step.
    """
    server.open()
    client = server.connection
    assert client is not None  # noqa: S101 -- for the types: `open` connects or raises
    client.ehlo_or_helo_if_needed()
    sender = settings.MAIL_RETURN_ADDRESS or parseaddr(mail.from_email)[1]
    for say, address in ((client.mail, sender), (client.rcpt, mail.to[0])):
        code, words = say(address)
        if code >= _FINAL:
            raise smtplib.SMTPResponseException(code, words)
    code, words = client.data(mail.message().as_bytes())
    if code >= _FINAL:
        raise smtplib.SMTPResponseException(code, words)
    return _text(code, words)


def _text(code: int, words: bytes | str) -> str:
    said = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {said}".strip()
