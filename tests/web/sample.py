"""A page with every component, and views that fail on purpose: test subjects for the frame."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.files.base import ContentFile
from django.core.paginator import Paginator
from django.db import OperationalError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.urls import include, path
from django.views.decorators.http import require_POST
from psycopg.errors import QueryCanceled

from intake.documents.downloads import safe_response
from intake.web.kept_form import KeptForm
from intake.web.storage import StorageFullError, StorageUnavailableError
from tests.factories.files import pdf_bytes

TEMPLATES = Path(__file__).parent / "templates"
NOW = datetime(2023, 9, 28, 23, 20, tzinfo=UTC)
CLOSES_AT = datetime(2023, 10, 2, 4, 0, tzinfo=UTC)
CAUSE = "cause-that-stays-in-the-logs"
TYPED = "J’ai travaillé deux ans à Dakar."


class SampleForm(forms.Form):
    """One field of each type."""

    first_name = forms.CharField(label="Prénom", help_text="Comme sur votre passeport.")
    birth_date = forms.DateField(
        label="Date de naissance",
        help_text="Exemple : 1998-05-04",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    phone = forms.CharField(label="Téléphone", required=False)
    legal_status = forms.ChoiceField(
        label="Votre statut au Canada",
        help_text="Celui d’aujourd’hui.",
        choices=[("CITIZEN", "Citoyenneté canadienne"), ("PERMANENT_RESIDENT", "Résidence permanente")],
        widget=forms.RadioSelect,
    )
    languages = forms.MultipleChoiceField(
        label="Langues que vous écrivez très bien",
        choices=[("fr", "Français"), ("en", "Anglais")],
        widget=forms.CheckboxSelectMultiple,
    )
    province = forms.ChoiceField(label="Province de domicile", choices=[("", "Choisissez"), ("QC", "Québec")])
    motivation = forms.CharField(
        label="Pourquoi ce stage ?",
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 300, "data-counter": ""}),
    )
    letter = forms.FileField(
        label="Lettre de motivation", help_text="PDF, 2 pages au plus.", widget=forms.FileInput
    )
    consent = forms.BooleanField(
        label="J’atteste que mes réponses sont exactes.", help_text="Une fausse déclaration annule le dépôt."
    )

    @property
    def helper(self) -> FormHelper:
        """Form helper without the <form> tag, which the template writes."""
        helper = FormHelper()
        helper.form_tag = False
        return helper


def page(request: HttpRequest) -> HttpResponse:
    """Show every component. POST: show the form with its errors."""
    form = SampleForm(request.POST if request.method == "POST" else None)
    if request.method == "GET":
        messages.success(request, "Brouillon enregistré à 14 h 32.")
        messages.error(request, "Le fichier n’a pas été reçu.")
    context: dict[str, Any] = {
        "form": form,
        "now": NOW,
        "closes_at": CLOSES_AT,
        "closes_soon_at": NOW + timedelta(hours=5),
        "size": 1_536_000,
        "page_obj": Paginator(list(range(400)), 10).page(7),
        "rows": [
            {"label": "Nom", "value": "Marie-Ève Côté", "url": "#nom"},
            {"label": "Date de naissance", "value": "", "missing": True, "url": "#naissance"},
            {"label": "Courriel", "value": "marie-eve.cote@exemple.invalid"},
        ],
    }
    template = engines["django"].from_string((TEMPLATES / "sample.html").read_text(encoding="utf-8"))
    return HttpResponse(template.render(context, request), status=422 if form.errors else 200)


def simple(request: HttpRequest) -> HttpResponse:
    """Show the frame without content."""
    return render(request, "base.html")


def crash(_request: HttpRequest) -> NoReturn:
    """Raise as a defect does."""
    raise RuntimeError(CAUSE)


def lack_a_file(_request: HttpRequest) -> NoReturn:
    """Raise as a storage that does not answer does."""
    raise StorageUnavailableError(CAUSE)


def lack_room(_request: HttpRequest) -> NoReturn:
    """Raise as a full storage does."""
    raise StorageFullError(CAUSE)


def take_too_long(_request: HttpRequest) -> NoReturn:
    """Raise as a statement does that was ended."""
    raise OperationalError(CAUSE) from QueryCanceled(CAUSE)


def refuse(_request: HttpRequest) -> NoReturn:
    """Refuse with a message for the logs only."""
    raise PermissionDenied(CAUSE)


def suspect(_request: HttpRequest) -> NoReturn:
    """Refuse a malformed request."""
    raise SuspiciousOperation(CAUSE)


def too_big(_request: HttpRequest) -> NoReturn:
    """Refuse an oversized request."""
    raise RequestDataTooBig(CAUSE)


@require_POST
def button(_request: HttpRequest) -> HttpResponse:
    """Accept POST only."""
    return HttpResponse("ok")


def form(request: HttpRequest) -> HttpResponse:
    """Show a form with a text, for the address `vers`; with `sans-jeton`, without its CSRF token."""
    template = engines["django"].from_string((TEMPLATES / "form.html").read_text(encoding="utf-8"))
    context = {"to": request.GET["vers"], "with_token": "sans-jeton" not in request.GET, "text": TYPED}
    return HttpResponse(template.render(context, request))


def pdf(_request: HttpRequest) -> FileResponse:
    """Serve a PDF as the portal serves documents and dossiers."""
    return safe_response(ContentFile(pdf_bytes(2)), "fichier.pdf", "application/pdf")


def limited(_request: HttpRequest) -> HttpResponse:
    """Answer that a limit is reached, for another minute and a half."""
    return HttpResponse(status=429, headers={"Retry-After": "90"})


def session_ended(request: HttpRequest) -> HttpResponse:
    """Show the page for a long form whose session ended."""
    kept = KeptForm([("motif", TYPED)], [TYPED], token="")
    return render(request, "accounts/session_ended.html", {"kept": kept}, status=403)


def link_refused(request: HttpRequest) -> HttpResponse:
    """Show the page of a one-time link that was used."""
    return render(request, "accounts/link_refused.html", status=410)


urlpatterns = [
    path("", simple, name="home"),
    path("essai/", page, name="sample"),
    path("panne/", crash),
    path("fichiers/", lack_a_file),
    path("plein/", lack_room),
    path("long/", take_too_long),
    path("refus/", refuse),
    path("suspect/", suspect),
    path("lourd/", too_big),
    path("bouton/", button),
    path("formulaire/", form),
    path("limite/", limited),
    path("fichier.pdf", pdf),
    path("session/", session_ended),
    path("lien/", link_refused),
    path("healthz", button),
    path(
        "connexion/",
        include(([path("", simple, name="sign_in"), path("securite/", simple, name="security")], "accounts")),
    ),
    path("", include("intake.privacy.urls")),
    path("admin/", include("intake.privacy.officers.urls")),
    path("admin/", admin.site.urls),
    path("", include("intake.web.urls")),
]
handler400 = "intake.web.errors.bad_request"
handler403 = "intake.web.errors.forbidden"
handler404 = "intake.web.errors.not_found"
handler500 = "intake.web.errors.server_error"
