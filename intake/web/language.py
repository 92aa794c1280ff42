"""Language of the pages: French by default; English only for users who attest that they are entitled to it.

The browser's preference is never read. The choice is a signed cookie, so it can only come from the attestation. The
cookie contains no data about the user.
"""

from collections.abc import Callable
from gettext import NullTranslations
from typing import override

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import trans_real
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from .middleware import Middleware

COOKIE = "langue"
"""Name of the cookie over http, as in a clone: see `cookie_name`."""
_SALT = "intake.web.language"
_MAX_AGE = 180 * 24 * 3600  # seconds; longer than an application and its answer take


_switches: list[Callable[[], bool]] = []


def register_english_switch(is_on: Callable[[], bool]) -> None:
    """Offer English only while `is_on()`, which is called for every page and must be fast. Idempotent."""
    if is_on not in _switches:
        _switches.append(is_on)


def english_offered() -> bool:
    """True if the portal is offered in English: by the setting `ENGLISH_OFFERED`, and by every switch."""
    return bool(getattr(settings, "ENGLISH_OFFERED", True)) and all(is_on() for is_on in _switches)


def cookie_name() -> str:
    """Return the name of the cookie: over https with the prefix by which browsers bind it to this host alone."""
    return f"__Host-{COOKIE}" if settings.SESSION_COOKIE_SECURE else COOKIE


def attested_language(request: HttpRequest) -> str:
    """Return `en` if English was attested in this browser, offered or not, else `fr`."""
    chosen = request.get_signed_cookie(cookie_name(), default=None, salt=_SALT, max_age=_MAX_AGE)
    return "en" if chosen == "en" else "fr"


def chosen_language(request: HttpRequest) -> str:
    """Return `en` if English was attested in this browser and is offered, else `fr`."""
    return "en" if attested_language(request) == "en" and english_offered() else "fr"


class LanguageMiddleware(Middleware):
    """Serve each request in its language, and restore the thread's language."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond in the chosen language; `Vary` prevents a shared cache from mixing languages."""
        language = chosen_language(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", f"{language}-CA")
        patch_vary_headers(response, ["Cookie"])
        return response


def local_url(request: HttpRequest, url: str) -> str:
    """Return `url` if it is on this site, else an empty string. A relative one is none: `redirect` may raise for it."""
    is_local = url.startswith(("/", "http://", "https://")) and url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if is_local else ""


def _return_address(request: HttpRequest) -> str:
    url = local_url(request, request.POST.get("suite") or request.GET.get("suite") or "")
    return reverse("home") if not url or url.startswith(reverse("web:language")) else url


@never_cache
@require_http_methods(["GET", "POST"])
def choose_language(request: HttpRequest) -> HttpResponse:
    """GET: the attestation. POST: set English (`langue=en` with `attestation`) or return to French (`langue=fr`)."""
    way_back = _return_address(request)
    if request.POST.get("langue") == "fr":
        response = HttpResponseRedirect(way_back)
        response.delete_cookie(cookie_name(), samesite="Lax")
        return response
    if english_offered() and request.POST.get("langue") == "en" and request.POST.get("attestation"):
        response = HttpResponseRedirect(way_back)
        response.set_signed_cookie(
            cookie_name(),
            "en",
            salt=_SALT,
            max_age=_MAX_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response
    is_missing = request.method == "POST"
    context = {"way_back": way_back, "attestation_missing": is_missing}
    return render(request, "web/language.html", context, status=422 if is_missing else 200)


class FrenchPlurals(NullTranslations):
    """The source strings, with the French plural rule: zero and one are singular, `0 offre`, `1 offre`, `2 offres`.

    The source has no catalogue of its own, so that the default language depends on no compiled file. Where gettext
    finds no translation, it counts as in English, where zero is plural.
    """

    @override
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return msgid1 if abs(n) < 2 else msgid2  # noqa: PLR2004 -- French grammar: from two on, there are several

    @override
    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return self.ngettext(msgid1, msgid2, n)  # a context changes words, not grammar


def use_french_plurals() -> None:
    """Make the source strings, with the French plural rule, the fallback of the French catalogues."""
    trans_real.translation("fr").add_fallback(FrenchPlurals())
