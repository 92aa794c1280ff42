"""Queues of a filing's deliveries: those a candidate waits for are not behind slow ones."""

from intake.outbox import kinds
from intake.submissions.delivery_kinds import DOSSIER, RECEIPT_MAIL, RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH


def test_the_mail_and_file_of_a_receipt_do_not_wait_behind_a_dossier() -> None:
    queues = {code: kinds.get(code).queue for code in (RECEIPT_MAIL, RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH)}
    assert queues == {RECEIPT_MAIL: "mail", RECEIPT_PDF: "receipts", RECEIPT_PDF_IN_ENGLISH: "receipts"}
    assert kinds.get(DOSSIER).queue not in queues.values()
