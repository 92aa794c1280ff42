"""What workers do of the files: a daily look for those that nobody uses any more."""

import logging
from datetime import datetime

from intake.outbox.models import Delivery

from .reclaiming import MIN_AGE, reclaim_uploads
from .temp_dirs import remove_stale_directories

logger = logging.getLogger(__name__)


def reclaim(_delivery: Delivery, at: datetime) -> None:
    """Take back what nobody used for a day at the aware instant `at`, and what killed processes left here."""
    remove_stale_directories()
    reclaimed = reclaim_uploads(before=at - MIN_AGE)
    logger.info("uploads_reclaimed uploads=%d files=%d", reclaimed.uploads, reclaimed.files)
