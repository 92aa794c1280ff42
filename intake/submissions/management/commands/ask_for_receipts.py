"""`manage.py ask_for_receipts`: request the signed PDFs of receipts for which none was requested."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from intake.outbox.selectors import database_instant
from intake.submissions.receipts.operations import request_receipt_pdfs

AT_MOST = 500


class Command(BaseCommand):
    """Request the signed PDFs of an offer's receipts."""

    help = (
        "Ask that the signed PDF be made of the receipts of an offer whose filing asked for none: those filed before "
        "there were any, or loaded by the thousand. Asked once each, however often this is run; the oldest first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("offer", metavar="OFFER", help="the offer's number, such as 2027-020")
        parser.add_argument(
            "--at-most", type=int, default=AT_MOST, metavar="N", help=f"in one run; {AT_MOST} unless told"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        asked, left = request_receipt_pdfs(
            offer_number=options["offer"], at_most=max(0, options["at_most"]), at=database_instant()
        )
        self.stdout.write(f"{asked} asked for, {left} left")
