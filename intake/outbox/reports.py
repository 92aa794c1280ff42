"""Delivery status notifications (RFC 3464), which other mail servers send about a mail: read, then recorded.

Anyone may write to the address that receives them, so a report is only a code and a text, displayed and never acted
on. It counts only if it names the Message-ID of a mail, which only the recipient knows.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, message_from_string
from email.message import Message as Mail
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from .models import Message
from .selectors import database_instant

MAX_BYTES: Final = 100_000
"""Bytes of a report that are read. The fields come before the copy of the mail that may follow; the library's time to
parse a hostile mail is quadratic in this number."""
MAX_WORDS: Final = 500  # characters of the server's text that are stored
MAX_GROUPS: Final = 100
RECENT_BOUNCE_DAYS: Final = 14
RECENT_BOUNCE: Final = timedelta(days=RECENT_BOUNCE_DAYS)
"""How long a bounce counts as recent on the dashboard."""
MAX_CLOCK_DIFFERENCE: Final = timedelta(hours=1)
"""Tolerance for another server's clock that is behind: below it, a report is of the last sending."""
RECENT_BOUNCES_VALUE: Final = "retourne-depuis-peu"  # of the parameter `courriel`, in the deliveries' URL
_CODE: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_CODE_IN_WORDS: Final = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?!\.?\d)")  # not part of an IP address
_TYPE_OF_WORDS: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*\s*;\s*")
_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,200}>")


class Action(StrEnum):
    """Final outcome of a mail: RFC 3464, 2.3.3. `delayed`, `relayed` and `expanded` are not final."""

    FAILED = "failed"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Report:
    """The final outcome of one mail."""

    message_id: str  # with its angle brackets
    action: Action
    code: str
    """RFC 3463 code, such as 5.2.2; empty if there is none or it cannot be read."""
    words: str  # the server's text, on one line
    taken_at: datetime | None = None
    """When the reporting server received the mail, by its clock; aware, or None if not stated."""


def read_report(raw: bytes) -> Report | None:
    """Return the report in a mail; None if it is no report, has no final outcome, or names no mail.

    The portal's mails have one recipient. If a report has several (a list behind the address), one failure counts as a
    failure. Never raises, whatever the bytes.
    """
    try:
        return _read(message_from_bytes(raw[:MAX_BYTES]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None  # raised by the library for malformed character sets, parameters and nesting


def _read(mail: Mail) -> Report | None:
    parts = list(mail.walk())
    if not any(part.get_content_type() == "multipart/report" for part in parts):
        return None
    groups = [group for part in parts for group in _groups(part)]
    ends = [end for group in groups if (end := _final_outcome(group))]
    # Exchange may send no copy, and replies to the mail instead.
    message_id = next(filter(None, map(_copied_id, parts)), "") or _message_id(mail.get("In-Reply-To", ""))
    if not message_id or not ends:
        return None
    action, code, words = min(ends, key=lambda end: end[0] != Action.FAILED)
    return Report(message_id, action, code, words, next(filter(None, map(_taken_at, groups)), None))


def _groups(part: Mail) -> list[Mail]:
    """Return the field groups of a `message/delivery-status`: one of the mail, then one per recipient."""
    groups = part.get_payload() if part.get_content_type() == "message/delivery-status" else None
    return list(_mails(groups))[:MAX_GROUPS]


def _final_outcome(group: Mail) -> tuple[Action, str, str] | None:
    action = _line(group.get("Action", "")).lower().partition(" ")[0]
    if action not in set(Action):
        return None
    words = _TYPE_OF_WORDS.sub("", _line(group.get("Diagnostic-Code", "")), count=1)
    return Action(action), _code(_line(group.get("Status", "")), words), words[:MAX_WORDS]


def _code(status: str, words: str) -> str:
    """Return the status, or the more exact code in the text: many servers send 5.0.0 and give the code there."""
    match = _CODE.match(status)
    code = match.group() if match else ""
    exact = _CODE_IN_WORDS.search(words)
    return exact.group() if exact and (not code or code.endswith(".0.0")) else code


def _taken_at(group: Mail) -> datetime | None:
    with suppress(ValueError, OverflowError):
        at = parsedate_to_datetime(_line(group.get("Arrival-Date", "")))
        return at if at.tzinfo is not None else None
    return None


def _copied_id(part: Mail) -> str:
    """Return the Message-ID of the mail whose copy, or whose headers (RFC 3462), a part contains."""
    if part.get_content_type() == "message/rfc822":
        return next((_message_id(mail.get("Message-ID", "")) for mail in _mails(part.get_payload())), "")
    if part.get_content_type() == "text/rfc822-headers":
        content = part.get_payload(decode=True)
        headers = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
        return _message_id(message_from_string(headers.lstrip()).get("Message-ID", ""))
    return ""


def _mails(payload: object) -> Iterator[Mail]:
    yield from (mail for mail in (payload if isinstance(payload, list) else []) if isinstance(mail, Mail))


def _message_id(value: object) -> str:
    match = _MESSAGE_ID.search(_line(value))
    return match.group() if match else ""


def _line(value: object) -> str:
    """Return a header's value on one line, without unprintable characters."""
    text = str(value).encode("utf-8", "replace").decode("utf-8")
    return "".join(char if char.isprintable() else " " for char in " ".join(text.split())).strip()


def predates_last_sending(report: Report, message: Message) -> bool:
    """True if `report` is about an earlier sending of `message` than the last: both have the same Message-ID."""
    if report.taken_at is None or message.sent_at is None:
        return False
    return report.taken_at < message.sent_at - MAX_CLOCK_DIFFERENCE


def record_report(report: Report) -> Message | None:
    """Store the outcome of the mail that `report` names, at the database's clock. Return the mail; None if unknown.

    Idempotent for the same outcome; a different, later outcome replaces the first. A report about a sending before the
    last, or while the mail is to be sent again, changes nothing. The delivery stays DONE.
    """
    message = Message.objects.filter(message_id=report.message_id).first()
    if message is None or predates_last_sending(report, message):
        return message
    at = database_instant()
    mail = Message.objects.filter(pk=message.pk, is_to_go_again=False)
    if report.action == Action.FAILED:
        mail.filter(returned_at=None).update(
            returned_at=at, arrived_at=None, report_code=report.code, report_words=report.words
        )
    else:
        mail.filter(arrived_at=None).update(arrived_at=at, returned_at=None, report_code="", report_words="")
    message.refresh_from_db()
    return message
