"""Error pages. They say what happened, what was kept, what to do and the reference to give, never a cause."""

import logging
import re
from datetime import timedelta
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from .formats import waiting_time
from .kept_form import kept_form
from .portal_variables import portal_variables
from .request_id import current_request_id
from .security_events import Kind, record_security_event

logger = logging.getLogger(__name__)

STORAGE_RETRY_SECONDS: Final = 60
BUSY_RETRY_SECONDS: Final = 60
DOWNLOAD_RETRY_SECONDS: Final = 30
_BARE_PAGE = """<!DOCTYPE html>
<html lang="fr-CA"><head><meta charset="utf-8"><title>Le portail a eu un problème</title></head>
<body><h1>Le portail a eu un problème</h1>
<p>Réessayez dans quelques minutes. Numéro de référence : {reference}</p></body></html>
"""


def _page(request: HttpRequest, status: int, template: str = "", **extra: Any) -> HttpResponse:
    context = {"reference": current_request_id(), "kept": None, **extra}
    response = render(request, f"errors/{template or status}.html", context, status=status)
    add_never_cache_headers(response)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page for a request that cannot be read: 413 if it is too large, else 400."""
    if isinstance(exception, SuspiciousOperation):
        record_security_event(request, Kind.REQUEST_REFUSED, reason=_code_of(type(exception)))
    return _page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Return 403, without naming the resource."""
    return _page(request, 403, kept=kept_form(request))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Return 404, the same for a missing resource and for another user's."""
    return _page(request, 404, kept=kept_form(request))


def method_not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    """Return 405 with the methods `allowed`, comma-separated."""
    response = _page(request, 405)
    response.headers["Allow"] = allowed
    return response


def too_many_requests(request: HttpRequest, wait: timedelta) -> HttpResponse:
    """Return 429, with `Retry-After` and in words how long to `wait`."""
    response = _page(request, 429, kept=kept_form(request), wait=waiting_time(wait))
    response.headers["Retry-After"] = str(int(wait.total_seconds()))
    return response


def too_many_downloads(request: HttpRequest, at_once: int) -> HttpResponse:
    """Return 429: the portal sends `at_once` files to this person already."""
    response = _page(request, 429, "downloads", at_once=at_once)
    response.headers["Retry-After"] = str(DOWNLOAD_RETRY_SECONDS)
    return response


def storage_unavailable(request: HttpRequest, *, is_full: bool) -> HttpResponse:
    """Return 503: the storage does not answer, or has no room for what was sent. Says when to try again."""
    response = _page(request, 503, "storage_full" if is_full else "", kept=kept_form(request))
    response.headers["Retry-After"] = str(STORAGE_RETRY_SECONDS)
    return response


def took_too_long(request: HttpRequest) -> HttpResponse:
    """Return 503: the page took too long and was given up. Says when to try again."""
    response = _page(request, 503, "too_long", kept=kept_form(request))
    response.headers["Retry-After"] = str(BUSY_RETRY_SECONDS)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a form whose CSRF token is missing or old. The event has the first words of `reason`.

    A form from a page of the portal (the user signed in again in another tab, or the cookie is gone) is offered again
    with a new token. A form from another origin is not: the token protects against it.
    """
    words = reason.partition(" - ")[0].upper()  # after the dash: what the client sent
    code = re.sub("[^A-Z0-9]+", "_", words).strip("_") or "UNKNOWN"
    record_security_event(request, Kind.FORM_REFUSED, reason=code)
    return _page(request, 403, "csrf", kept=kept_form(request))


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 500 without database, session or context processor: any of them may have failed."""
    try:
        language = "en" if translation.get_language() == "en" else "fr"
        body = render_alone(request, "errors/500.html", language=language)
    except Exception:
        # The template, the form or the static files manifest may have failed: return a page that uses none of them.
        logger.exception("error_page_failed")
        body = _BARE_PAGE.format(reference=current_request_id())
    response = HttpResponse(body, status=500)
    add_never_cache_headers(response)
    return response


def _code_of(sort: type[Exception]) -> str:
    """Return the name of a class as a code: `DISALLOWED_HOST`."""
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", sort.__name__).upper()


def render_alone(request: HttpRequest, template: str, *, language: str, **extra: Any) -> str:
    """Render a page in the portal's layout, in `language`, without database, session or context processor.

    The posted form, if any, goes with the token that it came with.
    """
    portal = portal_variables(language=language, english_offered=False, path=request.get_full_path())
    context = {"portal": portal, "reference": portal["reference"], "kept": kept_form(request), **extra}
    with translation.override(language):
        return loader.render_to_string(template, context)
