"""Pages of the administration about the whole portal: its state, and what staff choose."""

from http import HTTPStatus

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User

from .models import ON_CALL_LENGTH, SitePreferences
from .preferences import CHANGE_PERMISSION, name_on_call, offer_english
from .readiness import check_readiness
from .state import read_state

_CHOICES = {"oui": True, "non": False}


class OnCallForm(forms.Form):
    """Who answers for the portal at night."""

    astreinte = forms.CharField(
        label=gettext_lazy("Personne à joindre la nuit, et son numéro"),
        max_length=ON_CALL_LENGTH,
        required=False,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def state(request: HttpRequest) -> HttpResponse:
    """GET: whether the portal works, and what to do. POST: who is on call (`astreinte`)."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm(CHANGE_PERMISSION):
        raise PermissionDenied
    form = OnCallForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        name_on_call(words=form.cleaned_data["astreinte"], actor=user)
        messages.success(request, _("L’astreinte est notée."))
        return redirect("operations:state")
    row = SitePreferences.objects.filter(pk=SitePreferences.ONLY_ROW).first()
    found = check_readiness()
    groups = read_state(found, at=timezone.now())
    context = admin.site.each_context(request) | {
        "title": _("État du portail"),
        "is_ready": found.is_ready,
        "to_mend": [line for group in groups for line in group.lines if line.to_do],
        "groups": groups,
        "form": form if form.is_bound else OnCallForm(initial={"astreinte": row.on_call if row else ""}),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return TemplateResponse(request, "admin/operations/state.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """GET: the choices. POST: offer English (`anglais=oui`) or not (`anglais=non`)."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm(CHANGE_PERMISSION):
        raise PermissionDenied
    chosen = _CHOICES.get(request.POST.get("anglais", ""))
    if chosen is not None:
        if offer_english(offered=chosen, actor=user):
            offered, removed = _("L’anglais est maintenant offert."), _("L’anglais n’est plus offert.")
            messages.success(request, offered if chosen else removed)
        return redirect("operations:preferences")
    row = SitePreferences.objects.filter(pk=SitePreferences.ONLY_ROW).first()
    context = admin.site.each_context(request) | {
        "title": _("Préférences du portail"),
        "english_offered": row is None or row.english_offered,
        "installation_offers": settings.ENGLISH_OFFERED,
    }
    refused = request.method == "POST"
    return TemplateResponse(
        request,
        "admin/operations/preferences.html",
        context,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
    )
