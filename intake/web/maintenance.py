"""Maintenance: while the setting `MAINTENANCE` is set, every page is one page, served without any server."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from .errors import render_alone
from .language import attested_language
from .middleware import Middleware

_PROBES: Final = frozenset({"/healthz", "/readyz"})
_RETRY_SECONDS: Final = 300
"""Until the next try, if the end is unknown or past."""


class MaintenanceMiddleware(Middleware):
    """During a maintenance answer 503, with what was typed; only static files and the probes are served as usual."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond: the language is that of the attestation alone, since the database may be away."""
        if settings.MAINTENANCE is None or request.path in _PROBES:
            return self.get_response(request)
        language = attested_language(request)
        now = datetime.now(UTC)
        until = settings.MAINTENANCE.until
        ends_at = until if until is not None and until > now else None
        body = render_alone(request, "errors/maintenance.html", language=language, ends_at=ends_at)
        wait = int((ends_at - now).total_seconds()) + 1 if ends_at else _RETRY_SECONDS
        headers = {"Retry-After": str(wait), "Content-Language": f"{language}-CA"}
        response = HttpResponse(body, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)
        add_never_cache_headers(response)
        patch_vary_headers(response, ["Cookie"])
        return response
