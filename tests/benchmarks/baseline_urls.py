"""The portal's addresses, and the view that a save while typing is compared with (P11)."""

from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.urls import path

from intake import urls
from intake.accounts.login_required import require_login
from intake.submissions.models import Draft

handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)


@require_login()
def update_once(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Make one UPDATE, for a signed-in user."""
    Draft.objects.filter(pk=draft_id, submission__candidate=request.user.pk).update(saved_at=Now())
    return HttpResponse("fait")


urlpatterns = [*urls.urlpatterns, path("une-mise-a-jour/<int:draft_id>/", update_once)]
