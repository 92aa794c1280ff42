"""Telling a mail server that is away, or asks for patience, from a mail that it will never take."""

import errno
import smtplib
import socket
import ssl
from typing import Final

from celery.exceptions import SoftTimeLimitExceeded

_UNREACHABLE: Final = frozenset({errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTDOWN, errno.EHOSTUNREACH})
_TRANSIENT: Final = range(400, 500)
"""SMTP's replies that ask to try again later (RFC 5321, 4.2.1)."""


class MailServerUnavailableError(Exception):
    """The mail server was away or asked for patience; `__cause__` says how. No fault of the mail."""

    code = "mail_server_away"


class DeliveryTooLongError(Exception):
    """A delivery was stopped after its queue's soft limit."""

    code = "too_long"


def is_outage(error: BaseException) -> bool:
    """Say whether what went wrong while a mail was handed over is the server's state and will pass by itself.

    No connection, one that was cut or fell silent, or a transient reply (4yz), for every recipient. A lasting refusal
    (5yz), of the mail or of who signs in, is none.
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
