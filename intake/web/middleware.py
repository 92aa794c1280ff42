"""Middleware of every request."""

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import add_never_cache_headers

from intake.web import errors

from .request_id import new_request_id, use_request_id

HEADER = "X-Request-Reference"


class Middleware:
    """A middleware of Django: a subclass responds in `__call__`, by `get_response` or by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response


class RequestIdMiddleware(Middleware):
    """Give each request an id: in the response header, every log line and every error page.

    An id sent by the client is ignored: it would let an attacker write into the logs.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond while the id is current."""
        reference = new_request_id()
        with use_request_id(reference):
            response = self.get_response(request)
        response.headers[HEADER] = reference
        return response


class MethodNotAllowedMiddleware(Middleware):
    """Replace Django's empty 405 response by a page with a link back: a sign-in may redirect to a URL for POST only."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond, and replace an empty 405."""
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content and request.method != "HEAD":
            return errors.method_not_allowed(request, response.headers["Allow"])
        return response


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
