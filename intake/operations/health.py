"""Short checks of the servers that the portal depends on. Results carry names only: no address, no reason."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.core.files.storage import FileSystemStorage, default_storage
from django.db import Error, connection

from intake.outbox.wake import broker_answers
from intake.startup_checks import BYPASS_QUERY

from .invariants import invariants_hold

logger = logging.getLogger(__name__)


def database_answers() -> bool:
    """True if the database answers a query of the application's role."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone())
    except Error:
        return False


def role_owns_nothing() -> bool:
    """True if the portal's role can neither change tables nor bypass their triggers; False if unknown."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(BYPASS_QUERY)
            (bypasses,) = cursor.fetchone()
    except Error:
        return False
    if bypasses:
        logger.error("DATABASE_URL is of a role that may change the tables")
        return False
    return True


def storage_answers() -> bool:
    """True if documents can be stored: the folder is writable, or the storage server answers."""
    try:
        if isinstance(default_storage, FileSystemStorage):
            # The first file creates the folder: check the folder, or its nearest existing parent.
            place = Path(default_storage.location)
            while not os.path.lexists(place) and place != place.parent:
                place = place.parent
            return place.is_dir() and os.access(place, os.W_OK | os.X_OK)
        default_storage.exists("readyz")
    except Exception as error:  # noqa: BLE001 -- each storage fails with its own library's exceptions
        logger.warning("the storage does not answer: %s", type(error).__name__)
        return False
    return True


CHECKS: Final[dict[str, Callable[[], bool]]] = {
    "database": database_answers,
    "role": role_owns_nothing,
    "broker": broker_answers,
    "storage": storage_answers,
}


def check_readiness() -> dict[str, bool]:
    """Run every check; return by name whether it passed."""
    return {name: check() for name, check in CHECKS.items()}


def last_invariant_check() -> bool | None:
    """Return whether the last daily check found no violation; None if unknown."""
    try:
        return invariants_hold()
    except Error:
        return None
