"""Keep a dossier that was drawn: once, and its file again if the storage lost it."""

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
    """Keep what was drawn of `seal` as its dossier and return it, or the one that another worker kept meanwhile."""
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
        # A file left by a kill between writing and committing is replaced: the name is the number's alone.
        dossier.file.storage.delete(f"dossiers/{number}.pdf")
        dossier.file.save(f"{number}.pdf", ContentFile(content), save=False)
        dossier.save()
    return dossier


def replace_lost_dossier(*, dossier: Dossier, rendered: RenderedPdf, at: datetime) -> Dossier:
    """Put what was drawn anew in the place of the file that was lost, unless another worker did; return the dossier.

    The bytes are the first ones, unless what draws them changed since: then the row is of the new file, and a
    `LostDossier` keeps what is known of the one that it replaces.
    """
    content, digest = rendered.content, hashlib.sha256(rendered.content).hexdigest()
    # What the row says first, and committed: a kill before the file is written leaves a file that is lost still, and is
    # made again; after it, one that is not its row's.
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
        # Of two workers that drew it otherwise at once, the last one that the row was told of puts its own there.
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
    """Let the workers that make one dossier at once wait for each other, until the transaction ends."""
    # Not a lock of the seal's row: the application's role may not update seals, and so may not lock them.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"dossier {number}"])
