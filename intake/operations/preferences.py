"""Site preferences: written by staff, read from memory by every page.

A process reads the row at most every `MEMORY_SECONDS`, so a choice reaches all processes within that time.
"""

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import Error, transaction

from intake.accounts.models import User
from intake.journal.services import record

from .models import SitePreferences

logger = logging.getLogger(__name__)

CHANGE_PERMISSION: Final = "operations.change_sitepreferences"
MEMORY_SECONDS: Final = 10.0


@dataclass(slots=True)
class _Memory:
    english_offered: bool = True
    stale_at: float = 0.0
    """Seconds of `time.monotonic`; 0 until the first reading."""
    reading: threading.Lock = field(default_factory=threading.Lock)


memory: Final = _Memory()
"""What this process read last."""


def english_offered() -> bool:
    """Return whether staff offer the portal in English.

    The last known value is returned while the database does not answer and while another thread reads; True before
    the first reading.
    """
    if time.monotonic() >= memory.stale_at and memory.reading.acquire(blocking=memory.stale_at == 0):
        try:
            chosen = SitePreferences.objects.filter(pk=SitePreferences.ONLY_ROW).first()
            memory.english_offered = chosen is None or chosen.english_offered
        except Error as error:
            logger.warning("site_preferences_not_read %s", type(error).__name__)
        finally:
            memory.stale_at = time.monotonic() + MEMORY_SECONDS
            memory.reading.release()
    return memory.english_offered


def forget() -> None:
    """Read the row again at the next page of this process."""
    memory.stale_at = 0.0


@transaction.atomic
def name_on_call(*, words: str, actor: User) -> None:
    """Say who answers for the portal at night, for the page of its state. The journal records that it changed.

    :raises PermissionDenied: if `actor` may not change the site preferences.
    """
    if not actor.has_perm(CHANGE_PERMISSION):
        raise PermissionDenied
    SitePreferences.objects.get_or_create(pk=SitePreferences.ONLY_ROW)
    if (
        SitePreferences.objects.filter(pk=SitePreferences.ONLY_ROW)
        .exclude(on_call=words)
        .update(on_call=words)
    ):
        record(actor=actor, action="ON_CALL_CHANGED", subject=None)


@transaction.atomic
def offer_english(*, offered: bool, actor: User) -> bool:
    """Offer English or not; return whether that is a change, which the journal then records.

    :raises PermissionDenied: if `actor` may not change the site preferences.
    """
    if not actor.has_perm(CHANGE_PERMISSION):
        raise PermissionDenied
    SitePreferences.objects.get_or_create(pk=SitePreferences.ONLY_ROW)
    chosen = SitePreferences.objects.select_for_update().get(pk=SitePreferences.ONLY_ROW)
    if chosen.english_offered == offered:
        return False
    chosen.english_offered = offered
    chosen.save(update_fields=["english_offered"])
    action = "ENGLISH_TURNED_ON" if offered else "ENGLISH_TURNED_OFF"
    record(actor=actor, action=action, subject=None)
    transaction.on_commit(forget)
    return True
