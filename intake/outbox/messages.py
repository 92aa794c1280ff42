"""Mails of deliveries: each is stored when composed, sent from the row, and not sent again once marked as sent."""

import smtplib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from intake.accounts.changes import ADDRESS_KINDS
from intake.accounts.models import AccountChange
from intake.outbox.models import Delivery, Message, MessageAttachment
from intake.outbox.smtp import TRANSIENT, is_server_away
from intake.web.mails import render_mail
from intake.web.prepared import columns_of, fetch_one, next_model

MAILER = "default"  # never "codes": sign-in codes do not use the outbox


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file sent with a letter, as a reference to a storage (setting `STORAGES`)."""

    storage_name: str
    filename: str
    media_type: str
    storage_alias: str = "default"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person: plain text, and an HTML version if there is one."""

    to: str
    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()


def render_letter(
    template: str,
    context: Mapping[str, Any],
    *,
    to: str,
    in_english: bool = False,
    attachments: tuple[Attachment, ...] = (),
) -> Letter:
    """Return the mail of `templates/mail/<template>.html` to the address `to`: in French, then as `in_english` says."""
    subject, text, html = render_mail(template, context, in_english=in_english)
    return Letter(to=to, subject=subject, text=text, html=html, attachments=attachments)


class NothingSentError(RuntimeError):
    """The mail client sent no message."""

    code = "nothing_sent"


class MailServerUnavailableError(Exception):
    """The mail server did not respond or asked to retry later; `__cause__` is the error. Not caused by the mail."""

    code = "mail_server_away"


class DeliveryTooLongError(Exception):
    """A delivery was stopped after its queue's soft limit."""

    code = "too_long"


def message_id_of(delivery: Delivery) -> str:
    """Return the Message-ID of a delivery's mail: constant, so that mail clients recognise a duplicate."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{delivery.public_id}@{host}>"


def send_letter(
    compose: Callable[[Delivery, datetime], Letter],
    delivery: Delivery,
    at: datetime,
    *,
    is_obsolete: Callable[[Delivery, datetime], bool] | None = None,
    complete: Callable[[str], str] | None = None,
) -> None:
    """Compose and store the delivery's mail unless it is stored, then send it unless it is sent.

    The row is committed before it is sent, so every sent mail can be read. One that waits, or goes again, follows the
    account to its present address. If `is_obsolete` returns True, the mail is neither sent nor stored. One that an
    earlier attempt stored stays, as dropped, because that attempt may have sent it before it died. `complete` adds to
    the text and the HTML what is sent and never stored.

    :raises MailServerUnavailableError: as `send_message`, with its other errors.
    """
    message = _stored_letter(delivery)
    is_to_leave = message is None or message.sent_at is None or message.is_to_go_again
    if is_to_leave and is_obsolete is not None and is_obsolete(delivery, at):
        Message.objects.filter(delivery=delivery, sent_at=None).update(let_go_at=at)
        Message.objects.filter(delivery=delivery).update(is_to_go_again=False)
        return
    if message is not None and message.let_go_at is not None:
        Message.objects.filter(pk=message.pk).update(let_go_at=None)  # it is no longer obsolete
    if message is None:
        with transaction.atomic():
            message, files = _store_letter(compose(delivery, at), delivery=delivery, at=at)
    elif is_to_leave:
        _follow_account(message)
        files = list(message.attachments.order_by("position"))
    if is_to_leave:
        send_message(message, files, complete=complete)


def _stored_letter(delivery: Delivery) -> Message | None:
    row = fetch_one(_stored_sql(), [delivery.pk])
    if not row:
        return None
    message = next_model(Message, iter(row))
    message.delivery = delivery
    return message


@cache
def _stored_sql() -> str:
    return f"SELECT {columns_of(Message)} FROM outbox_message WHERE delivery_id = %s"  # noqa: S608 -- names of ours


def _follow_account(message: Message) -> None:
    """Address a stored mail to its person's present address, if the account left the one that it was composed for.

    The mail that announces a change stays addressed to the former mailbox.
    """
    if message.delivery.subject_kind == AccountChange._meta.label_lower:
        return
    left = AccountChange.objects.filter(
        kind__in=ADDRESS_KINDS,
        state=AccountChange.State.APPLIED,
        before=message.to_address,
        decided_at__gt=message.created_at,
    )
    change = left.select_related("person").order_by("decided_at", "pk").first()
    if change is not None:
        message.to_address = change.person.email
        message.save(update_fields=["to_address"])


def _store_letter(
    letter: Letter, *, delivery: Delivery, at: datetime
) -> tuple[Message, list[MessageAttachment]]:
    message = Message.objects.create(
        delivery=delivery,
        message_id=message_id_of(delivery),
        to_address=letter.to,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        created_at=at,
    )
    files = MessageAttachment.objects.bulk_create(
        MessageAttachment(message=message, position=position, **asdict(attachment))
        for position, attachment in enumerate(letter.attachments)
    )
    return message, files


def send_message(
    message: Message, files: Iterable[MessageAttachment], *, complete: Callable[[str], str] | None = None
) -> None:
    """Send a stored message with its files by the mailer `default`, its text and HTML as `complete` returns them.

    :raises NothingSentError: if the client sent nothing.
    :raises MailServerUnavailableError: if the server did not respond, or asked to retry later, whatever the mail.
    :raises smtplib.SMTPException: if the server refused this mail.
    """
    text, html = (complete(part) if complete else part for part in (message.text, message.html))
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=text,
        from_email=settings.MAIL_RETURN_ADDRESS or None,  # envelope sender: receives reports (RFC 5321, 4.4)
        to=[message.to_address],
        headers={
            "From": settings.DEFAULT_FROM_EMAIL,
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",
        },
    )
    if html:
        mail.attach_alternative(html, "text/html")
    for file in files:
        mail.attach(file.filename, file.read(), file.media_type)
    try:
        taken = mail.send(using=MAILER)
    except Exception as error:
        if is_outage(error):
            raise MailServerUnavailableError from error
        raise
    if not taken:
        raise NothingSentError


def is_outage(error: BaseException) -> bool:
    """True if the mail may be sent later as it is: the server is away, or asks for it. A refusal of the mail is not."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code in TRANSIENT for code, _words in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code in TRANSIENT
    return is_server_away(error) or isinstance(error, SoftTimeLimitExceeded | DeliveryTooLongError)
