"""SMTP backend that requests delivery status notifications (RFC 3461)."""

import smtplib
from collections.abc import Sequence

from django.core.mail.backends import smtp


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


class ReportedEmailBackend(smtp.EmailBackend):
    """Django's SMTP backend, with that client."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """SMTP client class."""
        return _ReportRequestingTlsClient if self.use_ssl else _ReportRequestingClient
