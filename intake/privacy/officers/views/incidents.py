"""Pages of the register of confidentiality incidents."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from intake.accounts.models import User
from intake.base.portal_error import PortalError
from intake.journal.services import record
from intake.privacy.models import Incident, Risk
from intake.privacy.officers.incident_forms import IncidentForm, UpdateForm
from intake.privacy.officers.incidents import (
    HEADER,
    add_update,
    current_risk,
    incidents,
    kept_until,
    record_incident,
    register_lines,
)
from intake.privacy.officers.permissions import ADD_INCIDENT, VIEW_INCIDENT, officer
from intake.privacy.officers.tables import FORMATS, table_response
from intake.review.pages.shortcuts import admin_context
from intake.web.paging import BoundedPaginator

_PER_PAGE = 50
_TONES = {Risk.UNKNOWN: "warning", Risk.NOT_SERIOUS: "none", Risk.SERIOUS: "error"}


@require_safe
def incident_list(request: HttpRequest) -> HttpResponseBase:
    """GET: the incidents, latest first."""
    officer(request, VIEW_INCIDENT)
    page = BoundedPaginator(incidents(), _PER_PAGE).get_page(request.GET.get("page"))
    context = admin_context(request) | {
        "title": _("Registre des incidents de confidentialité"),
        "page_obj": page,
        "rows": [
            {"incident": row, "risk": current_risk(row).label, "tone": _TONES[current_risk(row)]}
            for row in page
        ],
    }
    return TemplateResponse(request, "privacy/officers/incidents.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def incident_add(request: HttpRequest) -> HttpResponseBase:
    """GET: the form. POST: enter the incident."""
    actor = officer(request, ADD_INCIDENT)
    form = IncidentForm(request.POST if request.method == "POST" else None, on=timezone.localdate())
    if form.is_valid():
        incident = record_incident(given=form.given(), actor=actor)
        messages.success(request, _("L’incident est inscrit au registre."))
        return redirect("officers:incident", incident_id=incident.pk)
    context = admin_context(request) | {
        "title": _("Inscrire un incident"),
        "form": form,
        "parent": _register_step(),
    }
    return TemplateResponse(
        request, "privacy/officers/incident_add.html", context, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def incident_page(request: HttpRequest, incident_id: int) -> HttpResponseBase:
    """GET: an incident and its updates. POST: add an update."""
    actor = officer(request, VIEW_INCIDENT)
    incident = get_object_or_404(incidents().select_related("author"), pk=incident_id)
    may_add = actor.has_perm(ADD_INCIDENT)
    form = UpdateForm(request.POST if request.method == "POST" else None, on=timezone.localdate())
    if form.is_valid() and _add_from_form(form, incident, actor):
        messages.success(request, _("Le registre est à jour."))
        return redirect("officers:incident", incident_id=incident.pk)
    context = admin_context(request) | {
        "title": _("Incident %(number)s") % {"number": incident},
        "incident": incident,
        "risk": current_risk(incident).label,
        "tone": _TONES[current_risk(incident)],
        "kept_until": kept_until(incident),
        "updates": incident.updates.select_related("author").order_by("done_on", "pk"),
        "form": form if may_add else None,
        "parent": _register_step(),
    }
    return TemplateResponse(
        request, "privacy/officers/incident.html", context, status=422 if form.is_bound else 200
    )


def _add_from_form(form: UpdateForm, incident: Incident, actor: User) -> bool:
    try:
        add_update(incident=incident, actor=actor, **form.cleaned_data)
    except PortalError as refusal:
        form.add_error(None, str(refusal))
    return not form.errors


@require_safe
def export_incidents(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """GET: the whole register as a file, which the Commission may ask for. Journal the export.

    :raises Http404: if the format is unknown.
    """
    actor = officer(request, VIEW_INCIDENT)
    if file_format not in FORMATS:
        raise Http404
    if request.method == "GET":
        record(actor=actor, action="INCIDENTS_EXPORTED", subject=None, detail=file_format)
    return table_response("registre-des-incidents", file_format, HEADER, register_lines())


def _register_step() -> dict[str, str]:
    return {"title": _("Registre des incidents de confidentialité"), "url": reverse("officers:incidents")}
