"""Pages of the access register, and the page that leads to all registers."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from intake.journal.models import Link
from intake.privacy.officers.access_register import (
    EXPORT_MAX,
    HEADER,
    VERIFY_MAX,
    RegisterFilter,
    entries_found,
    record_reading,
    rows_of,
    verify_journal,
)
from intake.privacy.officers.forms import RegisterForm
from intake.privacy.officers.permissions import officer
from intake.privacy.officers.tables import FORMATS, table_response
from intake.review.pages.shortcuts import admin_context, refuse
from intake.web import formats
from intake.web.paging import BoundedPaginator, bounded_count

_PER_PAGE = 50


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """GET: links to the registers."""
    officer(request)
    context = admin_context(request) | {"title": _("Protection des renseignements personnels")}
    return TemplateResponse(request, "privacy/officers/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def access(request: HttpRequest) -> HttpResponseBase:
    """GET: the entries of the filter in the address. POST: find the people named, and redirect to that filter."""
    actor = officer(request)
    form = RegisterForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        query = form.wanted().query()
        address = reverse("officers:access")
        return redirect(f"{address}?{query}" if query else address)
    wanted = RegisterFilter.from_query(request.GET)
    page = BoundedPaginator(entries_found(wanted, reader=actor), _PER_PAGE).get_page(request.GET.get("page"))
    entries = list(page)
    if request.method == "GET":
        record_reading(wanted=wanted, entries=entries, actor=actor, action="ACCESS_REGISTER_READ")
    context = admin_context(request) | {
        "title": _("Registre des accès"),
        "form": form or RegisterForm.of(wanted),
        "page_obj": page,
        "rows": list(rows_of(entries)),
        "files": _files(wanted),
        "is_filtered": form is None and bool(wanted.query()),
    }
    return TemplateResponse(
        request, "privacy/officers/access.html", context, status=422 if form is not None else 200
    )


def _files(wanted: RegisterFilter) -> list[dict[str, Any]]:
    query = wanted.query()
    return [
        {
            "format": file_format.upper(),
            "url": reverse("officers:export_access", args=[file_format]) + (f"?{query}" if query else ""),
        }
        for file_format in FORMATS
    ]


@require_safe
def export_access(request: HttpRequest, file_format: str) -> HttpResponseBase:
    """GET: the entries of the filter as a file, `EXPORT_MAX` at most. Journal the export.

    :raises Http404: if the format is unknown.
    """
    actor = officer(request)
    if file_format not in FORMATS:
        raise Http404
    wanted = RegisterFilter.from_query(request.GET)
    found = entries_found(wanted, reader=actor)
    if bounded_count(found, EXPORT_MAX) > EXPORT_MAX:
        message = _("Le fichier dépasserait %(most)s lignes. Choisissez une personne ou moins de jours.")
        address = f"{reverse('officers:access')}?{wanted.query()}"
        return refuse(request, message % {"most": formats.number(EXPORT_MAX)}, address)
    entries = list(found)
    if request.method == "GET":
        record_reading(wanted=wanted, entries=entries, actor=actor, action="ACCESS_REGISTER_EXPORTED")
    lines = (row.cells() for row in rows_of(entries))
    return table_response("registre-des-acces", file_format, HEADER, lines)


@require_POST
def verify(request: HttpRequest) -> HttpResponseBase:
    """POST: verify the chains of the journal, and say what was found; a very long journal is left to a command."""
    actor = officer(request)
    if bounded_count(Link.objects.order_by(), VERIFY_MAX) > VERIFY_MAX:
        message = _("Le journal est trop long pour cette page. Demandez à l’équipe technique de le vérifier.")
        return refuse(request, message, "officers:access")
    audit = verify_journal(actor=actor)
    if audit.differs is None:
        message = _("Le journal est intact. Entrées vérifiées : %(count)s.")
        values = {"count": formats.number(audit.checked)}
        messages.success(request, message % values)
    else:
        message = _("Le journal est altéré à l’entrée %(row)s (%(reason)s). Prévenez l’équipe technique.")
        messages.error(request, message % {"row": audit.differs.row, "reason": audit.differs.reason})
    return redirect("officers:access")
