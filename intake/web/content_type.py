"""Content-Type of a request, before Django reads it.

Django answers some of these headers with a server error: one that it cannot parse fails while the request is made,
before any middleware, and `charset` may name a codec that decodes no text. Pages are in UTF-8, so a browser sends no
charset; the one parameter with a meaning here is the boundary of an upload.
"""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def plain_content_type(value: str) -> str:
    """Return a Content-Type header without its parameters, except `boundary`."""
    kind, *parameters = value.split(";")
    return ";".join([kind, *(one for one in parameters if one.strip().lower().startswith("boundary="))])


def with_plain_content_types(application: WSGIApplication) -> WSGIApplication:
    """Return a WSGI application that gives each request to `application` with a plain Content-Type."""

    def plain(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = plain_content_type(environ.get("CONTENT_TYPE", ""))
        return application(environ, start_response)

    return plain
