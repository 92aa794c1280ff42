"""What machines ask: is the process up, and can it do its work?"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from intake.operations.health import check_readiness, last_invariant_check


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that this process is up; asks nothing of anything else."""
    del request
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, broker and storage answer and the database's role owns nothing, else 503.

    Names only, no reasons.

    `invariants` is what the last daily check of them found, null where none ended yet: for whoever watches, and no
    reason to turn people away.
    """
    del request
    answers = check_readiness()
    ready = all(answers.values())
    invariants = last_invariant_check() if answers["database"] else None
    return JsonResponse({"ready": ready, **answers, "invariants": invariants}, status=200 if ready else 503)
