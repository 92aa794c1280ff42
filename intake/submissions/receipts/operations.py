"""Request the PDF of receipts whose filing did not request it."""

from datetime import datetime

from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.outbox.services import post, post_many
from intake.submissions.delivery_kinds import RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH
from intake.submissions.lifecycle.errors import MoveNotAllowedError
from intake.submissions.lifecycle.locks import with_row_locks
from intake.submissions.models import Receipt, Submission
from intake.submissions.states import Action, State

from .pdf_status import receipts_without_pdf


@transaction.atomic
def request_receipt_pdf(*, submission: Submission, actor: User, reads_english: bool, at: datetime) -> bool:
    """Request the PDF of the current filing's receipt, due at `at`; return whether it had not been requested yet.

    Idempotent: posted under the same key as by the filing. `reads_english`: in French, then in English too.

    :raises MoveNotAllowedError: if nothing was filed.
    """
    current = with_row_locks(Submission.objects.filter(pk=submission.pk)).get()
    if current.standing_filing_id is None:
        raise MoveNotAllowedError(action=Action.FILE, state=State(current.state))
    receipt = receipts_without_pdf().filter(filing=current.standing_filing_id).first()
    if receipt is None:
        return False
    kind = RECEIPT_PDF_IN_ENGLISH if reads_english else RECEIPT_PDF
    post(kind=kind, key=receipt.number, subject=receipt, at=at)
    record(actor=actor, action="RECEIPT_PDF_ASKED", subject=current)
    return True


@transaction.atomic
def request_receipt_pdfs(*, offer_number: str, at_most: int, at: datetime) -> tuple[int, int]:
    """Request the French PDFs that an offer's receipts lack, oldest filings first, `at_most` of them.

    Return the number requested and the number left. The sweep starts them, so the receipts of new filings go first.
    """
    mine = receipts_without_pdf().filter(filing__submission__offer__number=offer_number)
    chosen: list[Receipt] = list(mine.order_by("filing__received_at", "pk")[:at_most])
    post_many(kind=RECEIPT_PDF, subjects={receipt.number: receipt for receipt in chosen}, at=at)
    return len(chosen), mine.count()
