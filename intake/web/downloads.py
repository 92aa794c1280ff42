"""How many files the portal sends to one person at once: the connections that slow downloads hold are everybody's."""

import threading
from collections import Counter
from functools import partial
from typing import Final

from django.http import FileResponse, HttpRequest, HttpResponse

from .buffered_socket import call_when_sent
from .errors import too_many_downloads
from .middleware import Middleware

AT_ONCE: Final = 6
"""Files that a web process sends to one person at once: a browser asks for no more over HTTP/1.1."""
SMALL: Final = 256 * 1024
"""Bytes of an answer that is not counted, such as a thumbnail: a page has many, and they are soon sent."""

_lock: Final = threading.Lock()
_sending: Final[Counter[int]] = Counter()
"""Files under way, by person."""


class DownloadsMiddleware(Middleware):
    """Refuse a file to a person to whom this process sends `AT_ONCE` others already."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond; 429 instead of a file too many."""
        response = self.get_response(request)
        if not response.streaming or int(response.headers.get("Content-Length", SMALL)) < SMALL:
            return response
        person = request.user.pk
        if person is None:
            return response
        if not _begin(person):
            if isinstance(response, FileResponse) and response.file_to_stream is not None:
                response.file_to_stream.close()
            return too_many_downloads(request, AT_ONCE)
        if not call_when_sent(request.META, partial(_end, person)):
            _end(person)
        return response


def _begin(person: int) -> bool:
    with _lock:
        if _sending[person] >= AT_ONCE:
            return False
        _sending[person] += 1
        return True


def _end(person: int) -> None:
    with _lock:
        _sending[person] -= 1
        if not _sending[person]:
            del _sending[person]
