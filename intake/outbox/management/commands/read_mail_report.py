"""`manage.py read_mail_report`: record what other servers report about mails, one on standard input or a folder.

The mail server runs it for each report, or delivers them to the folder, which costs a thousand times less for each.
"""

import logging
import os
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, connection

from intake.outbox.reports import MAX_BYTES, predates_last_sending, read_report, record_report

logger = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
"""Between two looks at the folder."""


class Command(BaseCommand):
    """Read reports; anything else is dropped and accepted, so that the mail server does not bounce it.

    If the database fails, exit with `EX_TEMPFAIL` (sysexits), on which the mail server keeps the report and retries.
    """

    requires_system_checks = ()  # they import every page, and take as long as a thousand reports
    help = "Read delivery reports (RFC 3464), and note whether their mails arrived or came back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--maildir",
            type=Path,
            metavar="FOLDER",
            help="read every mail in the part `new` of this Maildir, and delete each once it is recorded; "
            "one mail on the standard input when not given",
        )
        parser.add_argument(
            "--follow", action="store_true", help="with --maildir: read what comes, until stopped"
        )

    def handle(self, *_args: Any, maildir: Path | None, follow: bool, **_options: Any) -> None:
        if maildir is None:
            self._read_input()
            return
        if not (maildir / "new").is_dir():
            message = f"{maildir} is no Maildir: it has no folder `new`"
            raise CommandError(message)
        stop, failed = threading.Event(), set[str]()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while True:
            try:
                self._read_folder(maildir / "new", stop, failed)
            except Error as error:
                self._refuse(error)
                if not follow:
                    raise SystemExit(os.EX_TEMPFAIL) from None
                connection.close()
            if not follow or stop.wait(LOOK_SECONDS):
                return

    def _read_input(self) -> None:
        raw = sys.stdin.buffer.read(MAX_BYTES)
        while sys.stdin.buffer.read(MAX_BYTES):
            pass  # read all input: the writer must not get a broken pipe
        try:
            _end, said = read_mail(raw)
        except Error as error:
            self._refuse(error)
            raise SystemExit(os.EX_TEMPFAIL) from None
        self.stdout.write(said)

    def _read_folder(self, folder: Path, stop: threading.Event, failed: set[str]) -> None:
        """Record the mails of `folder`, the oldest first, and delete each; one that cannot be read stays.

        A mail is deleted after its commit: what is interrupted is read again. `failed` has the names of those that
        stayed, of which each is logged once.

        :raises Error: if the database does not answer; what is left stays.
        """
        ends: Counter[str] = Counter()
        try:
            for file in sorted(folder.iterdir(), key=_age):
                if stop.is_set():
                    break
                try:
                    with file.open("rb") as mail:
                        raw = mail.read(MAX_BYTES)
                    end, _said = read_mail(raw)
                    file.unlink(missing_ok=True)
                except FileNotFoundError:  # another reader took it
                    continue
                except OSError as error:
                    if file.name not in failed:
                        logger.warning("a report cannot be read or deleted (%s)", type(error).__name__)
                        failed.add(file.name)
                    continue
                ends[end] += 1
        finally:
            if ends:
                self.stdout.write(", ".join(f"{number} {end}" for end, number in sorted(ends.items())))
                self.stdout.flush()

    def _refuse(self, error: Error) -> None:
        self.stderr.write(f"The database does not take it ({type(error).__name__}): to be read again.")


def _age(file: Path) -> tuple[float, str]:
    """Return what sorts the oldest mail first: the later of two reports counts."""
    try:
        return file.lstat().st_mtime, file.name
    except OSError:
        return 0.0, file.name


def read_mail(raw: bytes) -> tuple[str, str]:
    """Record the report in a mail. Return its end, as a word, and a sentence.

    :raises Error: if the database does not answer.
    """
    report = read_report(raw)
    if report is None:
        return "left alone", "No report of how a mail ended: left alone."
    message = record_report(report)
    if message is None:
        return "left alone", "A report of no mail of ours: left alone."
    if message.is_to_go_again or predates_last_sending(report, message):
        return "left alone", f"{message.message_id} went again since, or is to: left alone"
    if message.returned_at:
        return "came back", f"{message.message_id} came back ({report.code or 'no code'})"
    return "arrived", f"{message.message_id} arrived"
