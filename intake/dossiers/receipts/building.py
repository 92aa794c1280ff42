"""Make the signed receipt of a filing, once; and its file again, if the storage lost it."""

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
    """Make the PDF and the JSON twin of a receipt, both signed, once; return what was made before, if anything was.

    When the storage has lost the PDF that was made, or the end of it, another is, with a signature of its own, and the
    journal says so; the twin stays. `facts` are those of the filing that `seal` seals; `at` is the aware instant of
    making, which the PDF's signature claims. In French, and in English after it if `in_english_too`.

    :raises AnonymisedError: what was sealed was erased.
    :raises AlteredError: what the seal holds is not what was sealed.
    :raises intake.dossiers.render.RenderError: the PDF could not be made within the limits.
    :raises intake.signing.signing_key.NoKeyError: there is no key to sign with.
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
        # As for dossiers: of two workers that made it at once, the second waits here and finds the first one's.
        _lock(receipt)
        made = SignedReceipt.objects.filter(seal=receipt.seal).first()
        if made is not None:
            return made
        # A file left by a kill between writing and committing is replaced: nobody was ever given it.
        receipt.file.storage.delete(f"receipts/{receipt.number}.pdf")
        receipt.file.save(f"{receipt.number}.pdf", ContentFile(content), save=False)
        receipt.save()
    return receipt


def _replace_lost_file(receipt: SignedReceipt, content: bytes, at: datetime) -> None:
    """Keep `content` in the place of the file that was lost, unless another worker did meanwhile."""
    # Its digest first, and committed: a kill before the file is written leaves a file that is lost still, and is made
    # again; after it, one that nobody would know.
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
            storage.delete(name)  # what is left of it
            storage.save(name, ContentFile(content))
    logger.error("the file of receipt %s was lost, and was made again", receipt.number)


def _lock(receipt: SignedReceipt) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"receipt {receipt.number}"])
