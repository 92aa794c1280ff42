"""Erase what was received of a document, once its cleaned copy is filed."""

import logging
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from intake.documents.models import Upload
from intake.documents.reclaiming import erase_originals
from intake.outbox.models import Delivery
from intake.submissions.access.queries import is_upload_filed

logger = logging.getLogger(__name__)

MAX_PER_RUN: Final = 1000
"""Originals erased in one run: at about 10 ms each they take less than the limit of the queue."""


def filed_originals() -> QuerySet[Upload]:
    """Return the uploads that a filing has, or has joined into one, of which the received bytes are still stored."""
    return Upload.objects.exclude(original="").filter(is_upload_filed())


def erase_filed_originals(_delivery: Delivery, _at: datetime) -> None:
    """Erase the originals of the filed documents. Safe to kill at any line and to run again."""
    erased = erase_originals(uploads=filed_originals(), at_most=MAX_PER_RUN)
    logger.info("originals_erased uploads=%d", erased)
