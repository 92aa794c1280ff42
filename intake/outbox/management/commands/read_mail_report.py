"""`manage.py read_mail_report < mail`: what another server reports of a mail of ours. A mail server runs it."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error

from intake.outbox.bounces import predates_last_sending, record_report
from intake.outbox.reports import MAX_BYTES, read_report


class Command(BaseCommand):
    """Read one mail on the standard input.

    Ends well for whatever is no report of a mail of ours: it is nobody's to send back. When the database does not
    take it it ends with `EX_TEMPFAIL` (sysexits), on which a mail server keeps the report and comes again.
    """

    help = "Read a delivery report (RFC 3464) on the standard input, and note whether its mail arrived or came back."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        raw = sys.stdin.buffer.read(MAX_BYTES)
        while sys.stdin.buffer.read(MAX_BYTES):
            pass  # whoever writes it is told that all of it was read
        report = read_report(raw)
        if report is None:
            self.stdout.write("No report of how a mail ended: left alone.")
            return
        try:
            message = record_report(report)
        except Error as error:
            self.stderr.write(f"The database does not take it ({type(error).__name__}): to be read again.")
            raise SystemExit(os.EX_TEMPFAIL) from None
        if message is None:
            self.stdout.write("A report of no mail of ours: left alone.")
            return
        end = f"came back ({report.code or 'no code'})" if message.returned_at else "arrived"
        if message.is_to_go_again or predates_last_sending(report, message):
            end = "went again since, or is to: left alone"
        self.stdout.write(f"{message.message_id} {end}")
