"""Mails after a filing: receipt, dossier, and answer to a review request. In English too if the candidate reads it.

Outbox workers may run each function more than once. The content is read from the seal.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from eligibility.verdict import Verdict
from intake.dossiers.models import Dossier, SignedReceipt
from intake.dossiers.receipts.verifying import verifying_address
from intake.dossiers.services import read_seal
from intake.outbox.messages import Attachment, Letter, render_letter
from intake.outbox.models import Delivery
from intake.submissions.delivery_kinds import round_in_key
from intake.submissions.filing.sealed_filing import read_filing
from intake.submissions.gate.verdict_display import FindingDisplay, display_verdict
from intake.submissions.models import Receipt, Ruling
from intake.submissions.receipts.operations import request_lost_dossier, request_lost_receipt
from intake.submissions.receipts.queries import dossier_file_name, receipt_of, statement_of
from intake.submissions.rulings.queries import latest_in_round, rulings_on
from intake.web.mails import portal_url

from .offer_mails import offer_context, reads_english

MAX_ATTACHMENT_BYTES: Final = 5 * 1024 * 1024
"""Bytes. Many mail servers reject 10 MB, and base64 adds a third. A larger dossier is linked and requires sign-in."""


@dataclass(frozen=True, slots=True)
class AnsweredFinding:
    """A refused finding at its position in the verdict, and its ruling."""

    verdict: Verdict
    position: int
    ruling: Ruling

    @property
    def shown(self) -> FindingDisplay:
        """The finding in the language that is active when it is read: the mail has one part in each."""
        return display_verdict(self.verdict).findings[self.position]


def compose_receipt(delivery: Delivery, _at: datetime) -> Letter:
    """Return the receipt's mail, which gives the instant of the receipt."""
    receipt = receipt_of(delivery)
    facts = statement_of(receipt)
    return _compose("receipt", receipt, facts=facts, verify_address=verifying_address(facts))


def compose_dossier(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail with the signed receipt and the dossier, which `make_dossier` has generated.

    The dossier is attached up to `MAX_ATTACHMENT_BYTES` in total; else the mail has a link that requires sign-in. A
    file that the storage lost meanwhile is requested again, and not attached.
    """
    receipt = receipt_of(delivery)
    dossier = Dossier.objects.get(seal_id=receipt.filing.seal_id)
    signed = SignedReceipt.objects.filter(seal_id=receipt.filing.seal_id).first()
    receipt_attached = signed is not None and not request_lost_receipt(receipt=receipt, at=at)
    fits = dossier.size + (signed.size if signed else 0) <= MAX_ATTACHMENT_BYTES
    attached = fits and not request_lost_dossier(receipt=receipt, at=at)
    attachments = []
    if attached:
        attachments.append(_attachment(dossier.file, dossier_file_name(receipt)))
    if signed is not None and receipt_attached:
        attachments.append(_attachment(signed.file, f"{receipt.number}_accuse.pdf"))
    return _compose(
        "dossier",
        receipt,
        dossier=dossier,
        attachments=tuple(attachments),
        attached=attached,
        receipt_attached=receipt_attached,
    )


def compose_rulings(delivery: Delivery, _at: datetime) -> Letter:
    """Return the answer to a review request: each refused finding, with its ruling and reason."""
    receipt = receipt_of(delivery)
    filing = receipt.filing
    verdict = read_filing(filing).verdict
    standing = sorted(latest_in_round(round_in_key(delivery.key), rulings_on(filing)).items())
    rulings = [AnsweredFinding(verdict, position, row) for position, row in standing]
    upheld = any(row.decision == Ruling.Decision.CONFIRMED for _position, row in standing)
    return _compose("rulings", receipt, rulings=rulings, upheld=upheld)


def _attachment(file: FieldFile, name: str) -> Attachment:
    return Attachment(storage_name=str(file.name), filename=name, media_type="application/pdf")


def _compose(
    template: str,
    receipt: Receipt,
    *,
    attachments: tuple[Attachment, ...] = (),
    **context: Any,
) -> Letter:
    filing = receipt.filing
    submission = filing.submission
    payload = read_seal(filing.seal)
    return render_letter(
        template,
        {
            "receipt": receipt,
            "filing": filing,
            "replaced": filing.replaces,
            "person": payload.person,
            "call": payload.call,
            "documents": payload.documents,
            "window": submission.window,
            "complement": payload.complement,
            "asks_review": bool(payload.review_message),
            "page": portal_url(reverse("submissions:receipt", args=[submission.public_id])),
            **offer_context(
                submission.offer, portal_name=payload.call.programme or str(settings.PORTAL_NAME)
            ),
            **context,
        },
        to=submission.candidate.email,
        in_english=reads_english(submission.candidate),
        attachments=attachments,
    )
