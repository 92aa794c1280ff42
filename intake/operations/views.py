"""Endpoints for monitoring: is the process running, and can it serve?"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from intake.operations.health import check_readiness, last_invariant_check


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """GET: 200 if this process runs. Checks no server."""
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """GET: 200 if database, broker and storage answer and the database's role owns nothing, else 503.

    The JSON gives names, no reasons. `invariants` is the result of the last daily check, null if none has ended. It is
    for monitoring and does not change the status.
    """
    answers = check_readiness()
    ready = all(answers.values())
    invariants = last_invariant_check() if answers["database"] else None
    return JsonResponse({"ready": ready, **answers, "invariants": invariants}, status=200 if ready else 503)
