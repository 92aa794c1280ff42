"""Letters: the content of a mail to one person, rendered before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intake.web.mails import render_mail


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
