"""Mail by SMTP that asks the servers on its way to report what becomes of it (RFC 3461)."""

import smtplib
from collections.abc import Sequence

from django.core.mail.backends import smtp


class _ReportRequestingClient(smtplib.SMTP):
    """A client that asks for reports of every mail, of a server that says it gives them."""

    def mail(self, sender: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        """Name the sender; a report holds the headers of the mail and not what it said, nor a person's dossier."""
        return super().mail(sender, (*options, "RET=HDRS") if self.has_extn("dsn") else options)

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        """Name a recipient, and ask to hear of the mail's end, good or bad; of a delay nobody need know."""
        return super().rcpt(recip, (*options, "NOTIFY=SUCCESS,FAILURE") if self.has_extn("dsn") else options)


class _ReportRequestingTlsClient(_ReportRequestingClient, smtplib.SMTP_SSL):
    """The same, on a connection that TLS opens."""


class ReportedEmailBackend(smtp.EmailBackend):
    """Django's, with that client."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Return the client that asks."""
        return _ReportRequestingTlsClient if self.use_ssl else _ReportRequestingClient
