"""Download of the personal data export."""

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from intake.accounts.login_required import require_login
from intake.outbox.selectors import database_instant
from intake.submissions.access.decorators import CandidateRequest

from .operations import export_own_data


@require_login()
@require_safe
def own_data(request: CandidateRequest) -> HttpResponse:
    """GET: the user's own data as a JSON file."""
    at = database_instant()
    response = JsonResponse(
        export_own_data(user=request.user, at=at), json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
    name = f"mes-renseignements-{timezone.localdate(at):%Y-%m-%d}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
