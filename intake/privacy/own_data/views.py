"""Pages of the signed-in person's own data."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from intake.accounts.limits import may_copy_own_data
from intake.accounts.login_required import require_login
from intake.accounts.second_factor.required import recent_mailbox
from intake.outbox.selectors import database_instant
from intake.submissions.access.decorators import CandidateRequest
from intake.submissions.personal_data.operations import export_own_data
from intake.web.errors import too_many_requests
from intake.web.paging import BoundedPaginator
from intake.web.portal_variables import privacy_officer

from .archive import archive_of
from .holdings import holdings_of
from .readings import days_of_readings, readings_of

_WAIT = timedelta(minutes=10)
"""After too many copies: the window of the limit `own_data_copy`."""
_PER_PAGE = 100
"""Entries of the journal on one page; repeated readings are shown together."""


@require_login()
@require_safe
def own_data(request: CandidateRequest) -> HttpResponse:
    """GET: what the portal holds about the person, how to correct it, copies to download."""
    return render(
        request, "privacy/own_data.html", {"held": holdings_of(request.user), "officer": privacy_officer()}
    )


@require_login()
@recent_mailbox
@require_safe
def archive(request: CandidateRequest) -> HttpResponseBase:
    """GET: the person's data and files as a ZIP, sent while it is written. Journal the download. 429 after a few."""
    if not may_copy_own_data(request):
        return too_many_requests(request, _WAIT)
    at = database_instant()
    data = export_own_data(user=request.user, at=at)
    context = {
        "title": _("Mes renseignements"),
        "portal": settings.PORTAL_NAME,
        "held": holdings_of(request.user),
        "user": request.user,
        "made_on": timezone.localdate(at),
        "officer": privacy_officer(),
        "row": "pdf/_own_row.html",
    }
    page = render_to_string("pdf/own_data.html", context)
    response = StreamingHttpResponse(archive_of(request.user, data, page), content_type="application/zip")
    name = f"mes-renseignements-{timezone.localdate(at):%Y-%m-%d}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_login()
@require_safe
def readings(request: CandidateRequest) -> HttpResponse:
    """GET: who read the person's data, by day."""
    entries = readings_of(request.user).select_related("actor").prefetch_related("actor__groups")
    page = BoundedPaginator(entries, _PER_PAGE).get_page(request.GET.get("page"))
    days = list(days_of_readings(page, person=request.user))
    return render(
        request, "privacy/readings.html", {"page_obj": page, "days": days, "officer": privacy_officer()}
    )
