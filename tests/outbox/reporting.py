"""Delivery reports as other mail servers write them (RFC 3464), invented for tests; the state of a mail."""

from datetime import datetime
from email.utils import format_datetime
from typing import Final

from intake.outbox.models import Delivery
from intake.outbox.selectors import MessageState, state_of

BOUNDARY: Final = "=_rapport"
REFUSED: Final = "smtp; 550 5.1.1 <camille@exemple.invalid>: Recipient address rejected: User unknown"
ABOUT: Final = (
    "Message-ID: {message_id}\nSubject: 2027-020 : candidature déposée\nTo: camille@exemple.invalid\n"
)


def ending(*, action: str = "failed", status: str = "5.1.1", words: str = REFUSED) -> str:
    """Return the part of a report about one recipient."""
    return (
        "Final-Recipient: rfc822; camille@exemple.invalid\n"
        f"Action: {action}\nStatus: {status}\nDiagnostic-Code: {words}\n"
    )


def report(
    message_id: str,
    *endings: str,
    holds: str = "text/rfc822-headers",
    about: str = ABOUT,
    first: str = "",
    arrived: datetime | None = None,
) -> bytes:
    """Return a report about the mail `message_id`. Without `endings`, its address does not exist.

    `holds`: type of the last part. `about`: content of the last part. `first`: text for people. `arrived`: when the
    reporting server accepted the mail.
    """
    taken = f"Arrival-Date: {format_datetime(arrived)}\n" if arrived else ""
    blocks = "\n".join(endings or (ending(),))
    return (
        "From: MAILER-DAEMON@exemple.invalid\nTo: retours@portail.invalid\nSubject: Undelivered Mail\n"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{BOUNDARY}"\n\n'
        f"--{BOUNDARY}\nContent-Type: text/plain; charset=utf-8\n\n{first or 'Le courriel est revenu.'}\n"
        f"--{BOUNDARY}\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.exemple.invalid\n{taken}\n{blocks}\n"
        f"--{BOUNDARY}\nContent-Type: {holds}\n\n{about.format(message_id=message_id)}\n"
        f"--{BOUNDARY}--\n"
    ).encode()


def message_state(kind: str, key: str) -> MessageState | None:
    """Return the state of a delivery's mail, or None if it was never posted. One query."""
    delivery = Delivery.objects.select_related("message").filter(kind=kind, key=key).first()
    return state_of(delivery) if delivery is not None else None
