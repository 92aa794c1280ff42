"""Store a rendered dossier once, and store its file again if the storage lost it."""

import hashlib
import logging
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import connection, transaction

from intake.journal.services import record

from .file_integrity import is_complete_file
from .models import Dossier, LostDossier, Seal
from .render import RenderedPdf

logger = logging.getLogger(__name__)


def store_dossier(*, seal: Seal, number: str, rendered: RenderedPdf, at: datetime) -> Dossier:
    """Store `rendered` as the dossier of `seal`. Return it, or the dossier that another worker stored first."""
    content = rendered.content
    with transaction.atomic():
        _lock_number(number)
        made = Dossier.objects.filter(seal=seal).first()
        if made is not None:
            return made
        dossier = Dossier(
            seal=seal,
            number=number,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            pages=rendered.pages,
            starts=list(rendered.starts),
            built_at=at,
        )
        # A worker killed between writing and committing leaves a file. Replace it: only this dossier uses the name.
        dossier.file.storage.delete(f"dossiers/{number}.pdf")
        dossier.file.save(f"{number}.pdf", ContentFile(content), save=False)
        dossier.save()
    return dossier


def replace_lost_dossier(*, dossier: Dossier, rendered: RenderedPdf, at: datetime) -> Dossier:
    """Replace a lost file by `rendered`, unless another worker has replaced it; return the dossier.

    Bytes may differ after a renderer upgrade: then the row describes the new file, and a `LostDossier` keeps the
    digest, size and dates of the old one.
    """
    content, digest = rendered.content, hashlib.sha256(rendered.content).hexdigest()
    # Commit the row before writing the file. A kill in between leaves a lost file, which is generated again; in the
    # other order, it would leave a file that does not match its row.
    with transaction.atomic():
        _lock_number(dossier.number)
        current = Dossier.objects.get(pk=dossier.pk)
        if is_complete_file(current):
            return current
        if current.sha256 != digest:
            _replace(current, rendered, digest, at)
        record(actor=None, action="DOSSIER_REMADE", subject=current, detail=current.number)
    with transaction.atomic():
        _lock_number(dossier.number)
        current = Dossier.objects.get(pk=dossier.pk)
        # Two workers may have rendered different bytes: only the worker whose digest is in the row writes its file.
        if current.sha256 == digest and not is_complete_file(current):
            storage, name = current.file.storage, str(current.file.name)
            storage.delete(name)
            storage.save(name, ContentFile(content))
    logger.error("the file of dossier %s was lost, and was made again", dossier.number)
    return current


def _replace(dossier: Dossier, rendered: RenderedPdf, digest: str, at: datetime) -> None:
    LostDossier.objects.create(
        dossier=dossier,
        sha256=dossier.sha256,
        size=dossier.size,
        pages=dossier.pages,
        built_at=dossier.built_at,
        noted_at=at,
    )
    dossier.sha256, dossier.size, dossier.pages = digest, len(rendered.content), rendered.pages
    dossier.starts, dossier.built_at = list(rendered.starts), at
    dossier.save(update_fields=["sha256", "size", "pages", "starts", "built_at"])


def _lock_number(number: str) -> None:
    """Serialise the workers that store one dossier: advisory lock until the transaction ends."""
    # Not a row lock on the seal: the application's role has no UPDATE on seals, which FOR UPDATE needs.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"dossier {number}"])
