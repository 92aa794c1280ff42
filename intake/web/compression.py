"""Compression of pages, in one place for every installation, and of the static sources that a clone serves.

The length of a compressed page says what it repeats: a guess in its address that is also a secret of the page makes it
shorter (BREACH). CSRF tokens are masked anew in each response, and Django adds a random number of bytes to each; a page
that shows another secret is not compressed, or repeats no text of a stranger.
"""

import re
from typing import Final, TypeGuard

import brotli
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseFileResponse

_STATIC_TYPES: Final = {"text/css", "text/javascript", "image/svg+xml"}
_ACCEPTS_BROTLI: Final = re.compile(r"\bbr\b")
_QUALITY: Final = 5  # of 11, which takes forty times as long, too long for each request


class CompressionMiddleware(GZipMiddleware):
    """Compress HTML pages and static sources, and no file, export, feed or part of a file.

    A view whose page shows a secret takes no parameter that the page repeats, or sends `Cache-Control: no-transform`,
    which proxies respect too.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the response, compressed if it is a page or a static source and the client accepts it."""
        if _is_source(request, response):
            etag = response.get("ETag")
            if _ACCEPTS_BROTLI.search(request.headers.get("Accept-Encoding", "")):
                _compress_by_brotli(response)
            else:
                response = super().process_response(request, response)
            if etag:
                response.headers["ETag"] = etag  # unchanged: WhiteNoise recognises no weak tag
        elif _is_page(response):
            response = super().process_response(request, response)
        return response


def _compress_by_brotli(response: WhiteNoiseFileResponse) -> None:
    """Compress a file of a clone as `collectstatic` compresses those of an installation."""
    content = brotli.compress(b"".join(response), quality=_QUALITY)
    response.streaming_content = [content]
    response.headers["Content-Encoding"] = "br"
    response.headers["Content-Length"] = str(len(content))
    patch_vary_headers(response, ("Accept-Encoding",))


def _is_source(request: HttpRequest, response: HttpResponseBase) -> TypeGuard[WhiteNoiseFileResponse]:
    """True for a complete text file of WhiteNoise, but for those of `collectstatic`, which have their encoding."""
    return (
        isinstance(response, WhiteNoiseFileResponse)
        and (request.method, response.status_code) == ("GET", 200)
        and _media_type(response) in _STATIC_TYPES
        and not response.has_header("Content-Encoding")
    )


def _is_page(response: HttpResponseBase) -> bool:
    return (
        _media_type(response) == "text/html"
        and not response.streaming
        and not response.has_header("Content-Disposition")
        and "no-transform" not in response.get("Cache-Control", "")
    )


def _media_type(response: HttpResponseBase) -> str:
    media_type: str = response.get("Content-Type", "")
    return media_type.partition(";")[0]
