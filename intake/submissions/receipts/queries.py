"""Receipts: of a delivery, their statement, the status of their PDF, and their leaf of the public log.

The filing requests the PDF, except for filings older than signed receipts.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from intake.accounts.models import User
from intake.dossiers.models import Seal, SignedReceipt
from intake.dossiers.receipts.statement import ReceiptStatement, format_instant
from intake.dossiers.sealed_payload import Payload
from intake.dossiers.services import AnonymisedError, read_seal
from intake.outbox.models import Delivery, MessageAttachment
from intake.outbox.selectors import MessageState
from intake.submissions.access.queries import EXTENDED_UNTIL
from intake.submissions.delivery_kinds import DOSSIER_MAIL, RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH
from intake.submissions.filing.sealed_filing import SealedFiling
from intake.submissions.models import Filing, Receipt, Submission, Verdict
from intake.transparency.leaves import LeafContent
from intake.transparency.models import Leaf
from intake.web.prepared import columns_of, fetch_one, next_model
from offers.models import Offer

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


def pdf_status_of(filed: SealedFiling, states: Mapping[str, MessageState]) -> PdfStatus:
    """Return the status of the PDF of a filing's receipt. `states`: `latest_states` about it, of `JOBS` at least."""
    if filed.signed is not None:
        return PdfStatus.MADE
    asked = {states[kind].state for kind in JOBS if kind in states}
    if not asked:
        return PdfStatus.NOT_ASKED
    return PdfStatus.GIVEN_UP if asked == {Delivery.State.DEAD} else PdfStatus.UNDER_WAY


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
    """Return the receipt that `delivery` is about, with its filing, seal and submission, the offer and the candidate.

    One prepared statement: each mail and each document of a filing begins with it.
    """
    row = fetch_one(_receipt_sql(), [int(delivery.subject_id)])
    if not row:
        raise Receipt.DoesNotExist
    values = iter(row)
    receipt, filing = next_model(Receipt, values), next_model(Filing, values)
    receipt.filing = filing
    filing.verdict, filing.seal = next_model(Verdict, values), next_model(Seal, values)
    filing.submission = next_model(Submission, values)
    filing.submission.offer = next_model(Offer, values)
    filing.submission.candidate = next_model(User, values)
    filing.submission.extended_until = next(values)
    return receipt


@cache
def _receipt_sql() -> str:
    columns = columns_of(Receipt, Filing, Verdict, Seal, Submission, Offer, User)
    columns = columns.replace("submissions_submission.", "s.")
    return f"""SELECT {columns}, {EXTENDED_UNTIL} FROM submissions_receipt
    JOIN submissions_filing ON submissions_filing.id = submissions_receipt.filing_id
    JOIN submissions_verdict ON submissions_verdict.filing_id = submissions_filing.id
    JOIN dossiers_seal ON dossiers_seal.id = submissions_filing.seal_id
    JOIN submissions_submission s ON s.id = submissions_filing.submission_id
    JOIN offers_offer ON offers_offer.id = s.offer_id
    JOIN accounts_user ON accounts_user.id = s.candidate_id
    WHERE submissions_receipt.id = %s"""  # noqa: S608 -- names of ours


def dossier_file_name(receipt: Receipt) -> str:
    """Return the name of the dossier's file, attached to its mail."""
    return f"{receipt.number}.pdf"


def is_dossier_attached(receipt: Receipt) -> bool:
    """True if the dossier's mail has the dossier itself: a large one is only linked."""
    files = MessageAttachment.objects.filter(filename=dossier_file_name(receipt))
    return files.filter(message__delivery__kind=DOSSIER_MAIL, message__delivery__key=receipt.number).exists()


def statement_of(receipt: Receipt) -> ReceiptStatement:
    """Return the statement of `receipt`, from the sealed payload.

    :raises AnonymisedError: if the payload was erased. The signed receipt, if generated, still contains the statement.
    """
    return statement_with(receipt, read_seal(receipt.filing.seal))


def statement_with(receipt: Receipt, payload: Payload) -> ReceiptStatement:
    """Return the statement of `receipt`, from its payload, already read."""
    filing, call = receipt.filing, payload.call
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
    receipts = Receipt.objects.select_related("filing__seal", "filing__replaces__receipt")
    receipt = receipts.filter(number=number).first()
    try:
        return statement_of(receipt) if receipt is not None else None
    except AnonymisedError:
        return None


class ReceiptLogSource:
    """The log's `Source`: every committed receipt."""

    def unlogged(self, *, limit: int, received_before: datetime | None = None) -> list[LeafContent]:
        """Return the first `limit` receipts without a leaf, in order of reception. One query.

        Not the receipts after the last leaf: a slow filing may commit after filings that were received later.
        """
        found = Receipt.objects.filter(~Exists(Leaf.objects.filter(number=OuterRef("number"))))
        if received_before is not None:
            found = found.filter(filing__received_at__lt=received_before)
        return _leaf_contents(found.order_by("filing__received_at", "pk")[:limit])

    def facts_of(self, numbers: Collection[str]) -> dict[str, LeafContent]:
        """Return the leaf content of each of these receipts, by number. One query."""
        found = Receipt.objects.filter(number__in=numbers)
        return {facts.number: facts for facts in _leaf_contents(found)}


def _leaf_contents(receipts: "QuerySet[Receipt]") -> list[LeafContent]:
    rows = receipts.values_list("number", "filing__received_at", "filing__seal__digest")
    return [LeafContent(number=number, received_at=at, seal=digest) for number, at, digest in rows]
