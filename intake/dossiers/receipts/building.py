"""Generate the signed receipt of a filing once, and its file again if the storage lost it."""

import hashlib
import logging
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import connection, transaction

from intake.dossiers.file_integrity import is_complete_file
from intake.dossiers.models import RemadeReceipt, Seal, SignedReceipt
from intake.dossiers.render import render_receipt
from intake.dossiers.services import read_seal, verify_seal
from intake.journal.services import record
from intake.signing.services import sign

from .address import verifying_address
from .receipt_file import make_json_receipt
from .signature import sign_pdf
from .statement import ReceiptStatement

logger = logging.getLogger(__name__)


def build_receipt(
    *, seal: Seal, facts: ReceiptStatement, in_english_too: bool, at: datetime
) -> SignedReceipt:
    """Generate and sign the PDF and the JSON receipt. Idempotent: return the existing receipt if there is one.

    If its PDF is missing or truncated in the storage, generate and sign it again and record that in the journal; the
    JSON receipt is kept. `facts` is the statement of the filing sealed by `seal`. `at` (aware) is the signing time of
    the PDF. In French, then in English too if `in_english_too`.

    :raises AnonymisedError: if the payload was erased.
    :raises AlteredError: if the seal's content does not match its digest.
    :raises intake.dossiers.render.RenderError: if the PDF could not be generated within the limits.
    :raises intake.signing.services.NoKeyError: if there is no signing key.
    """
    made = SignedReceipt.objects.filter(seal=seal).first()
    if made is not None and is_complete_file(made):
        return made
    verify_seal(seal)
    drawn = render_receipt(
        read_seal(seal), facts=facts, address=verifying_address(facts), in_english_too=in_english_too
    )
    content = sign_pdf(drawn, at=at)
    if made is not None:
        _replace_lost_file(made, content, at)
        return made
    twin = make_json_receipt(facts, sign(facts.canonical()))
    return _store(
        SignedReceipt(
            seal=seal,
            number=facts.number,
            code=facts.code,
            twin=twin,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            built_at=at,
        ),
        content,
    )


def _store(receipt: SignedReceipt, content: bytes) -> SignedReceipt:
    with transaction.atomic():
        # Two workers may generate it concurrently: the second waits here and returns the first worker's receipt.
        _lock(receipt)
        made = SignedReceipt.objects.filter(seal=receipt.seal).first()
        if made is not None:
            return made
        # A worker killed between writing and committing leaves a file. Replace it: it was never sent to a user.
        receipt.file.storage.delete(f"receipts/{receipt.number}.pdf")
        receipt.file.save(f"{receipt.number}.pdf", ContentFile(content), save=False)
        receipt.save()
    return receipt


def _replace_lost_file(receipt: SignedReceipt, content: bytes, at: datetime) -> None:
    """Store `content` in place of the lost file, unless another worker has replaced it."""
    # Commit the digest before writing the file. A kill in between leaves a lost file, which is generated again; in the
    # other order, it would leave a file whose digest is in no row.
    with transaction.atomic():
        _lock(receipt)
        if is_complete_file(receipt):
            return
        RemadeReceipt.objects.create(
            receipt=receipt, sha256=hashlib.sha256(content).hexdigest(), size=len(content), built_at=at
        )
        record(actor=None, action="RECEIPT_PDF_REMADE", subject=receipt, detail=receipt.number)
    with transaction.atomic():
        _lock(receipt)
        if not is_complete_file(receipt):
            storage, name = receipt.file.storage, str(receipt.file.name)
            storage.delete(name)  # a truncated file
            storage.save(name, ContentFile(content))
    logger.error("the file of receipt %s was lost, and was made again", receipt.number)


def _lock(receipt: SignedReceipt) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"receipt {receipt.number}"])
