"""The daily job that deletes unused files."""

import logging
from datetime import datetime

from intake.outbox.models import Delivery

from .reclaiming import MIN_AGE, reclaim_uploads
from .temp_dirs import remove_stale_directories

logger = logging.getLogger(__name__)


def reclaim(_delivery: Delivery, at: datetime) -> None:
    """Delete uploads unused for a day at `at` (aware), and this machine's stale temporary directories."""
    remove_stale_directories()
    reclaimed = reclaim_uploads(before=at - MIN_AGE)
    logger.info("uploads_reclaimed uploads=%d files=%d", reclaimed.uploads, reclaimed.files)
