"""What the portal stands on, asked one by one and quickly. Answers are names only: no address, no reason."""

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
    """Return whether the database answers a query of the application's role."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone())
    except Error:
        return False


def role_owns_nothing() -> bool:
    """Return whether the portal's role can neither change tables nor step past their triggers; False if unknown."""
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
    """Return whether documents can be kept: a folder that is there and writable, or a storage that answers."""
    try:
        if isinstance(default_storage, FileSystemStorage):
            # The first file makes the folder: what must be there and writable is it, or what will hold it.
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
    """Ask everything the portal stands on; return whether each answers, by name."""
    return {name: check() for name, check in CHECKS.items()}


def last_invariant_check() -> bool | None:
    """Return whether what must hold held at the last daily check; None when nobody knows."""
    try:
        return invariants_hold()
    except Error:
        return None
