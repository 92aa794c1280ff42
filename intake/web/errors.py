"""The pages shown when something went wrong. They give a reference and a way on, never a cause or a trace."""

import logging
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
    """Answer a request the portal cannot read: 413 when it is too large, 400 otherwise."""
    if isinstance(exception, RequestDataTooBig):
        return _page(request, 413)
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Answer 403, without saying what was asked for."""
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Answer 404, the same for what does not exist and for what is not the person's own."""
    return _page(request, 404)


def method_not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    """Answer 405 with the methods `allowed`, comma-separated."""
    response = _page(request, 405)
    response.headers["Allow"] = allowed
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose security token is missing or old; `reason` goes to the log alone.

    A form that left a page of ours (signed in again in another tab, a cookie gone) is offered again with a new token,
    so that nothing typed is lost. One that came from elsewhere is not: that is what the token is for.
    """
    logger.warning("csrf_refused %s", reason)
    response = _page(request, 403, "csrf", typed=_resubmittable_fields(request))
    add_never_cache_headers(response)
    return response


def _resubmittable_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the fields of a form that certainly left a page of ours, files and token aside; else nothing."""
    here = f"{request.scheme}://{request.get_host()}"
    if (
        request.headers.get("Origin") != here
        or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
    ):
        return []
    if request.FILES:
        return []
    return [
        (name, text)
        for name, texts in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for text in texts
    ]


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Answer 500 with neither database, session nor context processor: each may be what failed."""
    context = {"reference": current_request_id()}
    try:
        body: str = loader.render_to_string("errors/500.html", context)
    except Exception:
        # The template itself, or the manifest of static files: a page without either is better than none.
        logger.exception("error_page_failed")
        body = _BARE_PAGE.format(reference=context["reference"])
    return HttpResponse(body, status=500)
