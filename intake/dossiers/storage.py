"""Store the files of dossiers and receipts once, and again if they were lost. A truncated file counts as lost."""

import hashlib
import logging
from datetime import datetime

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import connection, transaction

from intake.journal.services import record

from .models import Dossier, LostDossier, RemadeReceipt, Seal, SignedReceipt
from .render import RenderedPdf

logger = logging.getLogger(__name__)


def is_complete_file(made: Dossier | SignedReceipt) -> bool:
    """True if the stored file exists and is not truncated, for example by a killed worker or a full disk.

    Compares sizes only. The invariants compare digests.

    :raises OSError: if the storage does not respond.
    """
    storage, name = made.file.storage, str(made.file.name)
    if not storage.exists(name):
        return False
    size = storage.size(name)
    if size == made.size or isinstance(made, Dossier):
        return size >= made.size
    # A regenerated receipt has a new signature and maybe another size. A known size is complete; a size between two
    # known sizes is truncated.
    sizes = {made.size, *made.remade.values_list("size", flat=True)}
    return size in sizes or size > max(sizes)


def open_complete_file(made: Dossier | SignedReceipt) -> File[bytes]:
    """Open the stored file for reading.

    :raises FileNotFoundError: if the file is missing or truncated.
    :raises OSError: if the storage does not respond.
    """
    if not is_complete_file(made):
        raise FileNotFoundError(made.file.name)
    return made.file.open("rb")


def store_once[Made: (Dossier, SignedReceipt)](made: Made, content: bytes) -> Made:
    """Save the new row `made`, with `content` as its file. Return it, or the row that another worker saved first."""
    with transaction.atomic():
        _lock(made)
        stored = type(made).objects.filter(seal=made.seal).first()
        if stored is not None:
            return stored
        # A worker killed between writing and committing leaves a file. Replace it: no row has it, so no user does.
        made.sha256, made.size = hashlib.sha256(content).hexdigest(), len(content)
        made.file.storage.delete(f"{made.file.field.upload_to}/{made.number}.pdf")
        made.file.save(f"{made.number}.pdf", ContentFile(content), save=False)
        made.save()
    return made


def store_dossier(*, seal: Seal, number: str, rendered: RenderedPdf, at: datetime) -> Dossier:
    """Store `rendered` as the dossier of `seal`. Return it, or the dossier that another worker stored first."""
    dossier = Dossier(
        seal=seal,
        number=number,
        pages=rendered.pages,
        starts=list(rendered.starts),
        built_at=at,
    )
    return store_once(dossier, rendered.content)


def replace_lost_dossier(*, dossier: Dossier, rendered: RenderedPdf, at: datetime) -> Dossier:
    """Replace a lost file by `rendered`, unless another worker has replaced it; return the dossier.

    Bytes may differ after a renderer upgrade: then the row describes the new file, and a `LostDossier` keeps the
    digest, size and dates of the old one.
    """
    digest = hashlib.sha256(rendered.content).hexdigest()
    # Commit the digest before writing the file. A kill in between leaves a lost file, which is generated again; in the
    # other order, it would leave a file whose digest is in no row.
    with transaction.atomic():
        _lock(dossier)
        current = Dossier.objects.get(pk=dossier.pk)
        if is_complete_file(current):
            return current
        if current.sha256 != digest:
            LostDossier.objects.create(
                dossier=current,
                sha256=current.sha256,
                size=current.size,
                pages=current.pages,
                built_at=current.built_at,
                noted_at=at,
            )
            current.sha256, current.size, current.pages = digest, len(rendered.content), rendered.pages
            current.starts, current.built_at = list(rendered.starts), at
            current.save(update_fields=["sha256", "size", "pages", "starts", "built_at"])
        record(actor=None, action="DOSSIER_REMADE", subject=current, detail=current.number)
    with transaction.atomic():
        _lock(dossier)
        current = Dossier.objects.get(pk=dossier.pk)
        # Two workers may have rendered different bytes: only the worker whose digest is in the row writes its file.
        if current.sha256 == digest:
            _write_again(current, rendered.content)
    logger.error("the file of dossier %s was lost, and was made again", dossier.number)
    return current


def replace_lost_receipt(*, receipt: SignedReceipt, content: bytes, at: datetime) -> None:
    """Replace a lost file by `content`, unless another worker has replaced it."""
    # As for a dossier, in this order.
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
        _write_again(receipt, content)
    logger.error("the file of receipt %s was lost, and was made again", receipt.number)


def _write_again(made: Dossier | SignedReceipt, content: bytes) -> None:
    if not is_complete_file(made):
        storage, name = made.file.storage, str(made.file.name)
        storage.delete(name)  # a truncated file
        storage.save(name, ContentFile(content))


def _lock(made: Dossier | SignedReceipt) -> None:
    """Serialise the workers that store one file: advisory lock until the transaction ends."""
    # Not a row lock on the seal: the application's role has no UPDATE on seals, which FOR UPDATE needs.
    key = f"{'dossier' if isinstance(made, Dossier) else 'receipt'} {made.number}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
