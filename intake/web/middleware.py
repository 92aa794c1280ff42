"""Middleware of every request."""

import logging
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

from intake.web import errors

from .request_id import HEADER, NETWORK, ROUTE, new_request_id, route_of, use_request_id
from .security_events import client_address, network_of, record_refused_access, write_counted_events
from .storage import StorageFullError, StorageUnavailableError

logger = logging.getLogger(__name__)

_UNUSED: Final = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
_PASSKEYS: Final = ("publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS_POLICY: Final = ", ".join(f"{feature}=()" for feature in (*_UNUSED, *_PASSKEYS))
"""Features that no page uses, but for passkeys."""
PASSKEY_POLICY: Final = ", ".join(
    [*(f"{feature}=()" for feature in _UNUSED), *(f"{feature}=(self)" for feature in _PASSKEYS)]
)
"""The same on the pages that use passkeys."""
_PARTS: Final = ("text/css", "text/javascript", "font/")
"""Types of files that a browser never shows as a page of its own."""
NOTHING_LOADS: Final = "default-src 'none'; frame-ancestors 'none'"
"""Content security policy of what is no page: files, plain texts, redirects."""
WAIT: Final = timedelta(minutes=10)
"""How long to wait after a 429 that does not say it, as the page of sign-in says in words."""


def allow_passkeys[Response: HttpResponseBase](response: Response) -> Response:
    """Let the page of `response` make and use passkeys."""
    response.headers["Permissions-Policy"] = PASSKEY_POLICY
    return response


class Middleware:
    """A middleware of Django: a subclass responds in `__call__`, by `get_response` or by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response


class BrowserFeaturesMiddleware(Middleware):
    """Refuse, on every response, redirects and static files included, what the portal needs of no browser."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond; a response without a content security policy of its own may load nothing, in no frame.

        The permissions policy is left out of the parts of a page: browsers read it of pages alone, and repeated with
        each style sheet, script and font it adds 2 KB to a first view.
        """
        response = self.get_response(request)
        if not response.headers.get("Content-Type", "").startswith(_PARTS):
            response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Content-Security-Policy", NOTHING_LOADS)
        return response


class RequestIdMiddleware(Middleware):
    """Give each request an id: in the response header, every log line and every error page.

    An id sent by the client is ignored: it would let an attacker write into the logs.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond while the id is current; write the security event of a refused access, and tell the access log."""
        reference = new_request_id()
        with use_request_id(reference):
            response = self.get_response(request)
            request.META[ROUTE] = route_of(request)
            request.META[NETWORK] = network_of(client_address(request))
            record_refused_access(request, response)
            write_counted_events()
        response.headers[HEADER] = reference
        return response


class EmptyErrorsMiddleware(Middleware):
    """Replace an empty 405 or 429 by a page: a sign-in may redirect to a URL for POST only."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond; a 429 always says when to try again."""
        response = self.get_response(request)
        too_many = response.status_code == HTTPStatus.TOO_MANY_REQUESTS
        if too_many:
            response.headers.setdefault("Retry-After", str(int(WAIT.total_seconds())))
        elif not isinstance(response, HttpResponseNotAllowed):
            return response
        if response.content or request.method == "HEAD":
            return response
        if too_many:
            return errors.too_many_requests(request, timedelta(seconds=int(response.headers["Retry-After"])))
        return errors.method_not_allowed(request, response.headers["Allow"])


class StorageOutageMiddleware(Middleware):
    """Answer by a page that says so, while the storage does not answer, or has no room for what was sent."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page of the outage; None for another exception."""
        if not isinstance(exception, StorageUnavailableError):
            return None
        is_full = isinstance(exception, StorageFullError)
        logger.error(
            "%s for a file of a page", "there is no room" if is_full else "the storage does not answer"
        )
        return errors.storage_unavailable(request, is_full=is_full)


class PrivateResponsesMiddleware(Middleware):
    """Keep responses for which a user's session was read out of every cache, the browser's included."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond, with `no-store` unless the response has a `Cache-Control` of its own."""
        response = self.get_response(request)
        if (
            not response.has_header("Cache-Control")
            and request.session.accessed
            and SESSION_KEY in request.session
        ):
            add_never_cache_headers(response)
        return response
