"""Distinguish an outage of the mail server, which is temporary, from the refusal of one mail, which is not."""

import errno
import smtplib
import socket
import ssl
from typing import Final

from celery.exceptions import SoftTimeLimitExceeded

_UNREACHABLE: Final = frozenset({errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTDOWN, errno.EHOSTUNREACH})
_TRANSIENT: Final = range(400, 500)
"""SMTP replies that ask the client to retry later (RFC 5321, 4.2.1)."""


class MailServerUnavailableError(Exception):
    """The mail server did not respond or asked to retry later; `__cause__` is the error. Not caused by the mail."""

    code = "mail_server_away"


class DeliveryTooLongError(Exception):
    """A delivery was stopped after its queue's soft limit."""

    code = "too_long"


def is_outage(error: BaseException) -> bool:
    """True if an error while sending a mail is due to the server's state and is temporary.

    That is: no connection, a cut or silent connection, or a transient reply (4yz) for every recipient. A permanent
    reply (5yz), about the mail or the authentication, is not an outage.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code in _TRANSIENT for code, _words in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code in _TRANSIENT
    return isinstance(
        error,
        smtplib.SMTPServerDisconnected
        | ConnectionError
        | TimeoutError
        | socket.gaierror
        | ssl.SSLEOFError
        | SoftTimeLimitExceeded
        | DeliveryTooLongError,
    ) or (isinstance(error, OSError) and error.errno in _UNREACHABLE)
