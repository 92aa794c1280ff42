"""`manage.py read_mail_report < mail`: record another server's report about a mail. The mail server runs it."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error

from intake.outbox.reports import MAX_BYTES, predates_last_sending, read_report, record_report


class Command(BaseCommand):
    """Read one mail on standard input; exit 0 also if it is no report, so that the mail server does not bounce it.

    If the database fails, exit with `EX_TEMPFAIL` (sysexits), on which the mail server keeps the report and retries.
    """

    help = "Read a delivery report (RFC 3464) on the standard input, and note whether its mail arrived or came back."

    def handle(self, *_args: Any, **_options: Any) -> None:
        raw = sys.stdin.buffer.read(MAX_BYTES)
        while sys.stdin.buffer.read(MAX_BYTES):
            pass  # read all input: the writer must not get a broken pipe
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
