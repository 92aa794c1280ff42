"""What workers do of the files: a daily look for those that nobody uses any more."""

import logging
from datetime import datetime

from intake.outbox.models import Delivery

from .reclaiming import KEPT_ANYWAY, reclaim_uploads
from .temp_dirs import sweep_rooms

logger = logging.getLogger(__name__)


def reclaim(_delivery: Delivery, at: datetime) -> None:
    """Take back what nobody used for a day at the aware instant `at`, and what killed processes left here."""
    sweep_rooms()
    reclaimed = reclaim_uploads(before=at - KEPT_ANYWAY)
    logger.info("uploads_reclaimed uploads=%d files=%d", reclaimed.uploads, reclaimed.files)
