"""Signed receipt of a filing: its statement, and the outbox job that generates it."""

from datetime import datetime

from django.db.models import QuerySet

from intake.dossiers.receipts.building import build_receipt
from intake.dossiers.receipts.statement import ReceiptStatement, format_instant
from intake.dossiers.services import AnonymisedError, read_seal
from intake.outbox.models import Delivery
from intake.submissions.delivery_kinds import RECEIPT_PDF_IN_ENGLISH
from intake.submissions.models import Receipt


def statement_of(receipt: Receipt) -> ReceiptStatement:
    """Return the statement of `receipt`, from the sealed payload.

    :raises AnonymisedError: if the payload was erased. The signed receipt, if generated, still contains the statement.
    """
    filing = receipt.filing
    payload = read_seal(filing.seal)
    call = payload.call
    return ReceiptStatement(
        number=receipt.number,
        received_at=format_instant(filing.received_at),
        offer=call.number,
        organisation=call.organisation,
        closes_at=format_instant(payload.closed_at),
        time_zone=call.time_zone,
        sequence=filing.sequence,
        replaces=filing.replaces.receipt.number if filing.replaces is not None else None,
        seal=filing.seal.digest,
        documents=tuple(document.sha256 for document in payload.documents),
    )


def find_statement(number: str) -> ReceiptStatement | None:
    """Return the statement of the receipt with this number. None if there is none or if its payload was erased."""
    receipt = _receipts().filter(number=number).first()
    try:
        return statement_of(receipt) if receipt is not None else None
    except AnonymisedError:
        return None


def make_receipt(delivery: Delivery, at: datetime) -> None:
    """Generate the signed receipt of a filing, in the languages of the delivery's kind. Idempotent."""
    receipt = _receipts().get(pk=delivery.subject_id)
    build_receipt(
        seal=receipt.filing.seal,
        facts=statement_of(receipt),
        in_english_too=delivery.kind == RECEIPT_PDF_IN_ENGLISH,
        at=at,
    )


def _receipts() -> QuerySet[Receipt]:
    return Receipt.objects.select_related("filing__seal", "filing__replaces__receipt")
