"""Outbox jobs that generate a filing's signed receipt and its PDF dossier."""

from datetime import datetime
from typing import Final

from django.db import transaction

from intake.dossiers.child.sandbox import DRAWING
from intake.dossiers.receipts.building import build_receipt
from intake.dossiers.services import FiledPart, build_dossier
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.submissions.delivery_kinds import DOSSIER_MAIL, RECEIPT_PDF_IN_ENGLISH

from .queries import receipt_of, statement_of


def make_receipt(delivery: Delivery, at: datetime) -> None:
    """Generate the signed receipt of a filing, in the languages of the delivery's kind. Idempotent."""
    receipt = receipt_of(delivery)
    build_receipt(
        seal=receipt.filing.seal,
        facts=statement_of(receipt),
        in_english_too=delivery.kind == RECEIPT_PDF_IN_ENGLISH,
        at=at,
    )


FIRST_CPU_SECONDS: Final = 4
"""CPU limit of the first attempt. Most dossiers take 1 s; a dossier of 600 pages takes 5 s. Later attempts queue behind
other dossiers and get `DRAWING.cpu_seconds`: a document that only uses CPU does not delay other candidates for long."""


def make_dossier(delivery: Delivery, at: datetime) -> None:
    """Generate the dossier of a filing and post its mail. Idempotent."""
    receipt = receipt_of(delivery)
    filing = receipt.filing
    parts = [
        FiledPart(label=row.request.label, upload=row.upload)
        for row in filing.documents.select_related("request", "upload").order_by("request__position")
    ]
    build_dossier(
        seal=filing.seal,
        number=receipt.number,
        received_at=filing.received_at,
        parts=parts,
        at=at,
        cpu_seconds=FIRST_CPU_SECONDS if delivery.attempts <= 1 else DRAWING.cpu_seconds,
    )
    with transaction.atomic():
        post(kind=DOSSIER_MAIL, key=receipt.number, subject=receipt, at=at)
