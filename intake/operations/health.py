"""Endpoints for monitoring, and the short checks of the servers that the portal depends on.

Results carry names only: no address, no reason.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from intake.documents.isolated_process import refused_access
from intake.documents.virus_scan import scanner_answers
from intake.outbox.wake import broker_answers
from intake.startup_checks import BYPASS_QUERY

from .invariants import invariants_hold

logger = logging.getLogger(__name__)


def database_answers() -> bool:
    """True if the database answers a query of the application's role."""
    return bool(_first_value("SELECT 1"))


def role_owns_nothing() -> bool:
    """True if the portal's role can neither change tables nor bypass their triggers; False if unknown."""
    bypasses = _first_value(BYPASS_QUERY)
    if bypasses:
        logger.error("DATABASE_URL is of a role that may change the tables")
    return bypasses is False


def _first_value(statement: str) -> Any:
    """Return the first value of the first row. None without a row, or if the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
    except Error:
        return None
    return row[0] if row else None


def storage_answers() -> bool:
    """True if documents can be stored: the folder is writable, or the storage server answers."""
    try:
        if isinstance(default_storage, FileSystemStorage):
            # The first file creates the folder: check the folder, or its nearest existing parent.
            place = Path(default_storage.location)
            while not os.path.lexists(place) and place != place.parent:
                place = place.parent
            return place.is_dir() and os.access(place, os.W_OK | os.X_OK)
        # Storages of this portal ask their server; another one is asked for a file.
        asked: Callable[[], bool] | None = getattr(default_storage, "answers", None)
        if asked is not None:
            return asked()
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


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """GET: 200 if this process runs. Checks no server."""
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """GET: 200 if database, broker and storage answer and the database's role owns nothing, else 503.

    The JSON gives names, no reasons. `invariants` is the result of the last daily check, null if none has ended;
    `encrypted`, whether every connection to another machine is; `confined`, whether the kernel refuses every access of
    `access_probe` to the processes that open uploaded files; `scanned`, whether a virus scanner is set and answers.
    They are for monitoring and do not change the status.
    """
    answers = check_readiness()
    ready = all(answers.values())
    invariants = last_invariant_check() if answers["database"] else None
    access = refused_access()
    said = {
        "invariants": invariants,
        "encrypted": not getattr(settings, "UNENCRYPTED_SERVERS", ()),
        "confined": bool(access) and all(access.values()),
        "scanned": scanner_answers(),
    }
    return JsonResponse({"ready": ready, **answers, **said}, status=200 if ready else 503)
