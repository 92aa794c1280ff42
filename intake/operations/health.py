"""Endpoints for monitoring. Answers carry names and fixed sentences only: no address, no reason."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .readiness import NEEDED, TO_DO, Readiness, check_readiness

_PAGE: Final = "docs/operations/probes.md"
_STATUS: Final = {True: "ok", False: "failed", None: "unknown"}


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """GET: 200 if the process runs; queries nothing."""
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """GET: 200 if this process can take a filing, else 503, within two seconds whatever has stopped.

    The JSON has a status for each check; those that are not `readiness.NEEDED` do not change the verdict. `?all` adds
    what to do, and the last sign of life of each process.
    """
    found = check_readiness()
    said: dict[str, Any] = {"ready": found.is_ready, **found.checks}
    if "all" in request.GET:
        with translation.override("en"):  # as the pages of docs/operations
            said |= _details(found)
    return JsonResponse(said, status=200 if found.is_ready else 503)


def _details(found: Readiness) -> dict[str, Any]:
    return {
        "checks": {
            name: {
                "status": _STATUS[answer],
                "needed": name in NEEDED,
                "to_do": "" if answer else f"{TO_DO[name]} {_PAGE}#{name}",
            }
            for name, answer in found.checks.items()
        },
        "processes": {
            beat.process: {"status": _STATUS[not beat.is_silent], "silent_seconds": beat.seconds}
            for beat in found.beats
        },
    }
