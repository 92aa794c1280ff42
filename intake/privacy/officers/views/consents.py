"""Pages of the consents by version, and of the register of processing."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from intake.journal.readings import record_shown
from intake.privacy.officers.consents import (
    HEADER,
    NOTICE_LABELS,
    acceptances_listed,
    consent_lines,
    notice_versions,
    record_consents_export,
)
from intake.privacy.officers.permissions import officer
from intake.privacy.officers.processing import PROCESSING
from intake.privacy.officers.tables import FORMATS, table_response
from intake.review.pages.shortcuts import admin_context
from intake.web.paging import BoundedPaginator
from intake.web.portal_variables import privacy_officer

_PER_PAGE = 50


@require_safe
def consents(request: HttpRequest) -> HttpResponseBase:
    """GET: each version with its text and its number of people; the people, of one version if it is chosen."""
    officer(request)
    notice, version = request.GET.get("avis", ""), request.GET.get("version", "")
    page = BoundedPaginator(acceptances_listed(notice=notice, version=version), _PER_PAGE).get_page(
        request.GET.get("page")
    )
    rows = list(page)
    record_shown(request, [row.user for row in rows])
    context = admin_context(request) | {
        "title": _("Consentements"),
        "versions": notice_versions(),
        "page_obj": page,
        "rows": [{"row": row, "label": NOTICE_LABELS.get(row.notice, row.notice)} for row in rows],
        "version": version,
    }
    return TemplateResponse(request, "privacy/officers/consents.html", context)


@require_safe
def export_consents(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """GET: every acceptance as a file. Journal the export, for each person in it.

    :raises Http404: if the format is unknown.
    """
    actor = officer(request)
    if file_format not in FORMATS:
        raise Http404
    rows = acceptances_listed()
    if request.method == "GET":
        record_consents_export(actor=actor, rows=rows, page="officers:export_consents")
    return table_response("consentements", file_format, HEADER, consent_lines(rows))


@require_safe
def processing(request: HttpRequest) -> HttpResponseBase:
    """GET: the register of processing and the assessment of privacy, from the same table as the documentation."""
    officer(request)
    context = admin_context(request) | {
        "title": _("Registre des traitements"),
        "processing": PROCESSING,
        "officer": privacy_officer(),
    }
    return TemplateResponse(request, "privacy/officers/processing.html", context)
