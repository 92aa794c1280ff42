"""Error pages. They give a reference and a link to continue, never a cause or a traceback."""

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.cache import add_never_cache_headers

from .request_id import current_request_id

logger = logging.getLogger(__name__)

_BARE_PAGE = """<!DOCTYPE html>
<html lang="fr-CA"><head><meta charset="utf-8"><title>Le portail a eu un problème</title></head>
<body><h1>Le portail a eu un problème</h1>
<p>Réessayez dans quelques minutes. Numéro de référence : {reference}</p></body></html>
"""


def _page(request: HttpRequest, status: int, template: str = "", **extra: Any) -> HttpResponse:
    context = {"reference": current_request_id(), **extra}
    return render(request, f"errors/{template or status}.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page for a request that cannot be read: 413 if it is too large, else 400."""
    return _page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Return 403, without naming the resource."""
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Return 404, the same for a missing resource and for another user's."""
    return _page(request, 404)


def method_not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    """Return 405 with the methods `allowed`, comma-separated."""
    response = _page(request, 405)
    response.headers["Allow"] = allowed
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a form whose CSRF token is missing or old; log `reason`, which the page does not show.

    A form from a page of the portal (the user signed in again in another tab, or the cookie is gone) is offered again
    with a new token. A form from another origin is not: the token protects against it.
    """
    logger.warning("csrf_refused %s", reason)
    response = _page(request, 403, "csrf", typed=_resubmittable_fields(request))
    add_never_cache_headers(response)
    return response


def _resubmittable_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the POST fields, without files and token, if the Origin proves that a portal page sent them; else []."""
    here = f"{request.scheme}://{request.get_host()}"
    is_ours = (
        request.headers.get("Origin") == here
        and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    )
    return field_pairs(posted_fields(request)) if is_ours else []


def posted_fields(request: HttpRequest) -> dict[str, list[str]]:
    """Return the posted fields without the token; nothing if there are files, which only the browser can send again."""
    if request.FILES:
        return {}
    return {name: texts for name, texts in request.POST.lists() if name != "csrfmiddlewaretoken"}


def field_pairs(fields: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """Return each field's name with each of its texts, for a page that contains them to be sent again."""
    return [(name, text) for name, texts in fields.items() for text in texts]


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Return 500 without database, session or context processor: any of them may have failed."""
    context = {"reference": current_request_id()}
    try:
        body: str = loader.render_to_string("errors/500.html", context)
    except Exception:
        # The template or the static files manifest may have failed: return a page that uses neither.
        logger.exception("error_page_failed")
        body = _BARE_PAGE.format(reference=context["reference"])
    return HttpResponse(body, status=500)
