"""SMTP backends of the outbox: one keeps its connection between mails, one also requests reports (RFC 3461).

Both send by a fallback server, if one is set, while the first is away.
"""

import errno
import os
import smtplib
import socket
import ssl
from collections import defaultdict
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from time import monotonic
from typing import Any, Final, override

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

from intake.outbox.models import Outage
from intake.outbox.outages import note_outage

IDLE_SECONDS: Final = 30
"""How long a connection without mails may be used again. Servers close theirs later (RFC 5321, 4.5.3.2.7: 5 min)."""
LEFT_SECONDS: Final = 30
"""How long a process leaves a mail server that was away to its fallback, before it tries the first one again."""
ANSWER_SECONDS: Final = 1
"""How long a kept connection may take to answer that it still serves. A new one then has the mailer's timeout."""

_kept: defaultdict[tuple[object, ...], list[tuple[smtplib.SMTP, float]]] = defaultdict(list)
"""Open connections by server, each with the monotonic second of its last mail. A thread takes one out to use it."""

_left_until: dict[tuple[object, ...], float] = {}
"""Until when each server that was away is left, in seconds of `monotonic`."""
TRANSIENT: Final = range(400, 500)
"""SMTP replies that ask the client to retry later (RFC 5321, 4.2.1)."""
_UNREACHABLE: Final = frozenset({errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTDOWN, errno.EHOSTUNREACH})


def is_server_away(error: BaseException) -> bool:
    """True if the server that raised `error` takes no mail at all: it does not answer, or refuses the portal.

    A reply about a mail's content or recipient says nothing of the next mail.
    """
    if isinstance(error, smtplib.SMTPSenderRefused):
        return error.smtp_code in TRANSIENT
    return isinstance(
        error,
        smtplib.SMTPConnectError
        | smtplib.SMTPHeloError
        | smtplib.SMTPAuthenticationError
        | smtplib.SMTPServerDisconnected
        | ConnectionError
        | TimeoutError
        | socket.gaierror
        | ssl.SSLError,
    ) or (isinstance(error, OSError) and error.errno in _UNREACHABLE)


class ReusingEmailBackend(smtp.EmailBackend):
    """Django's SMTP backend, except that the next mails of the process use the same connection.

    A new one costs a mail several round trips, and with TLS a handshake and the reading of all trusted certificates.
    `fallback`: options of another server, which is given the mails while this one is away.
    """

    def __init__(
        self,
        *,
        fallback: Mapping[str, Any] | None = None,
        server: Outage.Server = Outage.Server.MAIL,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._named = server
        self.fallback: ReusingEmailBackend | None = None
        if fallback is not None:
            alias = options.get("alias")
            self.fallback = type(self)(alias=alias, server=Outage.Server.FALLBACK_MAIL, **fallback)

    @override
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send the messages, by the fallback server while this one is away; note each outage.

        :raises OSError: if no server takes them.
        """
        if self.fallback is not None and monotonic() < _left_until.get(self._server(), 0):
            return self.fallback.send_messages(email_messages)
        try:
            return self._send_on_kept(email_messages)
        except OSError as error:
            if not is_server_away(error):
                raise
            note_outage(self._named, error)
            if self.fallback is None:
                raise
        _left_until[self._server()] = monotonic() + LEFT_SECONDS
        return self.fallback.send_messages(email_messages)

    def ask(self) -> None:
        """Connect, sign in and name the sender, and send nothing.

        :raises OSError: if one of these fails.
        """
        self.connection = None
        self.open()
        client: Any = self.connection
        sender = settings.MAIL_RETURN_ADDRESS or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
        try:
            client.ehlo_or_helo_if_needed()
            code, words = client.mail(sender)
            if code != 250:  # noqa: PLR2004 -- RFC 5321, 4.1.1.2
                raise smtplib.SMTPSenderRefused(code, words, sender)
        finally:
            self.close()

    def _send_on_kept(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send the messages; keep the connection unless an error leaves its state unknown."""
        self.connection = self._take()
        self.open()
        try:
            sent: int = super().send_messages(email_messages)
        except BaseException:
            self.close()
            raise
        if self.connection is not None:
            _kept[self._server()].append((self.connection, monotonic()))
        self.connection = None
        return sent

    def _take(self) -> smtplib.SMTP | None:
        """Return a kept connection that still answers, or None."""
        kept = _kept[self._server()]
        while kept:
            connection, used = kept.pop()
            if monotonic() - used < IDLE_SECONDS and _answers(connection):
                return connection
            connection.close()
        return None

    def _server(self) -> tuple[object, ...]:
        # A forked process must not write to the connections of its parent.
        return os.getpid(), type(self), self.host, self.port, self.username, self.use_tls


def _answers(connection: smtplib.SMTP) -> bool:
    """Return whether the server still serves this connection: it may have closed it, or been restarted."""
    if connection.sock is None:
        return False
    timeout = connection.sock.gettimeout()
    connection.sock.settimeout(ANSWER_SECONDS)
    try:
        code, _words = connection.noop()
    except smtplib.SMTPServerDisconnected:
        return False
    connection.sock.settimeout(timeout)
    return code == 250  # noqa: PLR2004 -- RFC 5321, 4.1.1.9


class _ReportRequestingClient(smtplib.SMTP):
    """SMTP client that requests reports about every mail, if the server supports them."""

    def mail(self, sender: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        """Send MAIL; a report is to contain the headers only, without the mail's text and attachments."""
        return super().mail(sender, (*options, "RET=HDRS") if self.has_extn("dsn") else options)

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        """Send RCPT; request a report of success and failure, not of delay."""
        return super().rcpt(recip, (*options, "NOTIFY=SUCCESS,FAILURE") if self.has_extn("dsn") else options)


class _ReportRequestingTlsClient(_ReportRequestingClient, smtplib.SMTP_SSL):
    """Same client, over implicit TLS."""


class ReportedEmailBackend(ReusingEmailBackend):
    """Same backend, with that client."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """SMTP client class."""
        return _ReportRequestingTlsClient if self.use_ssl else _ReportRequestingClient
