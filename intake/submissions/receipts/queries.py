"""Receipts of deliveries, and the status of their PDF.

The filing requests the PDF, except for filings older than signed receipts.
"""

from enum import StrEnum
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from intake.dossiers.models import SignedReceipt
from intake.outbox.models import Delivery
from intake.submissions.delivery_kinds import RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH
from intake.submissions.filing.sealed_filing import SealedFiling
from intake.submissions.models import Receipt

JOBS: Final = (RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH)
"""Kinds of delivery that generate the PDF, keyed by the receipt's number. Each receipt has one of them."""


class PdfStatus(StrEnum):
    """Status of a receipt's PDF."""

    MADE = "MADE"
    UNDER_WAY = "UNDER_WAY"
    GIVEN_UP = "GIVEN_UP"
    """All attempts failed: an operator must act."""
    NOT_ASKED = "NOT_ASKED"
    """Not requested: the candidate may request it."""


def pdf_status_of(filed: SealedFiling) -> PdfStatus:
    """Return the status of the PDF of a filing's receipt. No query if it is generated, else one."""
    if filed.signed is not None:
        return PdfStatus.MADE
    states = set(
        Delivery.objects.filter(kind__in=JOBS, key=filed.receipt.number).values_list("state", flat=True)
    )
    if not states:
        return PdfStatus.NOT_ASKED
    return PdfStatus.GIVEN_UP if states == {Delivery.State.DEAD} else PdfStatus.UNDER_WAY


def requested_in_english(number: OuterRef) -> Exists:
    """Return the condition that the PDF of the receipt with this `number` was requested in English too.

    This delivery is the only record of the candidate's language: the candidate had attested the right to be served in
    English, and used the English pages when filing or when requesting the PDF.
    """
    return Exists(Delivery.objects.filter(kind=RECEIPT_PDF_IN_ENGLISH, key=number))


def receipts_without_pdf() -> QuerySet[Receipt]:
    """Return the receipts without a PDF that was never requested and can be generated: the payload is not erased."""
    made = SignedReceipt.objects.filter(seal=OuterRef("filing__seal"))
    asked = Delivery.objects.filter(kind__in=JOBS, key=OuterRef("number"))
    return Receipt.objects.filter(~Exists(made), ~Exists(asked), filing__seal__canonical__isnull=False)


def receipt_of(delivery: Delivery) -> Receipt:
    """Return the receipt that `delivery` is about, with its filing, the replaced filing and the submission."""
    return Receipt.objects.select_related(
        "filing__seal",
        "filing__replaces__receipt",
        "filing__submission__offer",
        "filing__submission__candidate",
    ).get(pk=delivery.subject_id)
