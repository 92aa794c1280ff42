"""Page of the administration on which staff choose for the whole portal."""

from http import HTTPStatus

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User

from .models import SitePreferences
from .preferences import CHANGE_PERMISSION, offer_english

_CHOICES = {"oui": True, "non": False}


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
