"""French by default and always; English only for who attested in good faith that they may be served in it.

The browser's own preference is never read. The choice is a signed cookie, so that it can only have come from the
attestation; it says nothing of the person.
"""

from collections.abc import Callable

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

COOKIE = "langue"
_SALT = "intake.web.language"
_MAX_AGE = 180 * 24 * 3600  # seconds; long enough for an application and its answer


def english_offered() -> bool:
    """Tell whether staff offer the portal in English (setting `ENGLISH_OFFERED`)."""
    return bool(getattr(settings, "ENGLISH_OFFERED", True))


def chosen_language(request: HttpRequest) -> str:
    """Return `en` when English is offered and was attested in this browser, `fr` in every other case."""
    if not english_offered():
        return "fr"
    try:
        chosen = request.get_signed_cookie(COOKIE, default=None, salt=_SALT, max_age=_MAX_AGE)
    except BadSignature:
        return "fr"
    return "en" if chosen == "en" else "fr"


class LanguageMiddleware:
    """Answer each request in its language, and give the thread back its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer within the chosen language; a shared cache must not mix the two."""
        language = chosen_language(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", f"{language}-CA")
        patch_vary_headers(response, ["Cookie"])
        return response


def _return_address(request: HttpRequest) -> str:
    """Return the address to come back to: local, and not this page itself."""
    asked = request.POST.get("suite") or request.GET.get("suite") or ""
    local = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    if not local or asked.startswith(reverse("web:language")):
        return reverse("home")
    return asked


@never_cache
@require_http_methods(["GET", "POST"])
def choose_language(request: HttpRequest) -> HttpResponse:
    """Show the attestation; on POST, set English (`langue=en` with `attestation`) or go back to French (`fr`)."""
    way_back = _return_address(request)
    if request.POST.get("langue") == "fr":
        response = HttpResponseRedirect(way_back)
        response.delete_cookie(COOKIE, samesite="Lax")
        return response
    if english_offered() and request.POST.get("langue") == "en" and request.POST.get("attestation"):
        response = HttpResponseRedirect(way_back)
        response.set_signed_cookie(
            COOKIE,
            "en",
            salt=_SALT,
            max_age=_MAX_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response
    missing = request.method == "POST"
    context = {"way_back": way_back, "attestation_missing": missing}
    return render(request, "web/language.html", context, status=422 if missing else 200)
