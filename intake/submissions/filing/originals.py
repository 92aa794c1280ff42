"""Erase what was received of a document, once its cleaned copy is filed."""

import logging
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from intake.documents.models import Upload
from intake.documents.reclaiming import erase_originals
from intake.outbox.models import Delivery
from intake.submissions.models import DocumentPart, FiledDocument

logger = logging.getLogger(__name__)

MAX_PER_RUN: Final = 1000
"""Originals erased in one run: at about 10 ms each they take less than the limit of the queue."""


def filed_originals() -> QuerySet[Upload]:
    """Return the uploads that a filing has, or has joined into one, of which the received bytes are still stored."""
    filed = FiledDocument.objects.filter(upload=OuterRef("pk"))
    joined = DocumentPart.objects.filter(
        Exists(FiledDocument.objects.filter(upload=OuterRef("document__upload"))), upload=OuterRef("pk")
    )
    return Upload.objects.exclude(original="").filter(Exists(filed) | Exists(joined))


def erase_filed_originals(_delivery: Delivery, _at: datetime) -> None:
    """Erase the originals of the filed documents. Safe to kill at any line and to run again."""
    erased = erase_originals(uploads=filed_originals(), at_most=MAX_PER_RUN)
    logger.info("originals_erased uploads=%d", erased)
