"""Where the PDF of a receipt is: most are asked for by their filing; those filed before there were any are not."""

from enum import StrEnum
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from intake.dossiers.models import SignedReceipt
from intake.outbox.models import Delivery
from intake.submissions.delivery_kinds import RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH
from intake.submissions.filing.sealed_filing import SealedFiling
from intake.submissions.models import Receipt

JOBS: Final = (RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH)
"""The jobs that make it, one or the other, under the receipt's number as their key."""


class PdfStatus(StrEnum):
    """How far it is."""

    MADE = "MADE"
    UNDER_WAY = "UNDER_WAY"
    GIVEN_UP = "GIVEN_UP"
    """The outbox gave up, and a person must act."""
    NOT_ASKED = "NOT_ASKED"
    """Nobody asked for it: its person may."""


def pdf_status_of(filed: SealedFiling) -> PdfStatus:
    """Return how far the PDF of a filing's receipt is; no query once it is made, else one."""
    if filed.signed is not None:
        return PdfStatus.MADE
    states = set(
        Delivery.objects.filter(kind__in=JOBS, key=filed.receipt.number).values_list("state", flat=True)
    )
    if not states:
        return PdfStatus.NOT_ASKED
    return PdfStatus.GIVEN_UP if states == {Delivery.State.DEAD} else PdfStatus.UNDER_WAY


def requested_in_english(number: OuterRef) -> Exists:
    """Return the condition that the receipt of this `number` was asked for in English too.

    That is all that is kept of the language of its person: they had attested that they may be served in English, and
    were reading it as they filed, or as they asked for the receipt.
    """
    return Exists(Delivery.objects.filter(kind=RECEIPT_PDF_IN_ENGLISH, key=number))


def receipts_without_pdf() -> QuerySet[Receipt]:
    """Return the receipts of which no PDF is made nor was ever asked for, and can still be made: nothing was erased."""
    made = SignedReceipt.objects.filter(seal=OuterRef("filing__seal"))
    asked = Delivery.objects.filter(kind__in=JOBS, key=OuterRef("number"))
    return Receipt.objects.filter(~Exists(made), ~Exists(asked), filing__seal__canonical__isnull=False)
