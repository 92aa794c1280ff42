"""What every request goes through, whatever the page."""

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import add_never_cache_headers

from intake.web import errors

from .request_id import new_request_id, use_request_id

HEADER = "X-Request-Reference"


class RequestIdMiddleware:
    """Give each request a reference: in the answer's header, every log line and every error page.

    One sent by the client is ignored: it would let anyone write into the logs.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the reference in force."""
        with use_request_id(new_request_id()) as reference:
            response = self.get_response(request)
        response.headers[HEADER] = reference
        return response


class MethodNotAllowedMiddleware:
    """Turn Django's empty answer to a wrong method into a page with a way back.

    Someone sent back by the sign-in to the address of a button (a POST) would otherwise land on a blank page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and replace an empty 405."""
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content and request.method != "HEAD":
            return errors.method_not_allowed(request, response.headers["Allow"])
        return response


class PrivateResponsesMiddleware:
    """Keep what is answered to somebody who is signed in out of every cache, the browser's included.

    An answer for which the session was not read says the same to everybody; one that has a `Cache-Control` keeps it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with `no-store` if the answer may be the person's own."""
        response = self.get_response(request)
        if (
            not response.has_header("Cache-Control")
            and request.session.accessed
            and SESSION_KEY in request.session
        ):
            add_never_cache_headers(response)
        return response
