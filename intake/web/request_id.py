"""The request id, the number that a user gives to support, and the route that log lines name."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from django.http import HttpRequest

HEADER: Final = "X-Request-Reference"
ROUTE: Final = "intake.route"
"""Key of a request's environment: the name of its route, for the access log."""
NETWORK: Final = "intake.network"
"""The same: the network of its client."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's 32: no I, L, O, U, easily misheard or misread
_GROUPS = 3
_GROUP_LENGTH = 4

_current: ContextVar[str] = ContextVar("request_reference", default="-")


def new_request_id() -> str:
    """Return a new id such as `7QX4-0K2M-93TD`: 60 random bits, unrelated to user and time."""
    # At once: to ask the system for each letter takes ten times longer.
    letters = "".join(
        _ALPHABET[byte % len(_ALPHABET)] for byte in secrets.token_bytes(_GROUPS * _GROUP_LENGTH)
    )
    return "-".join(letters[first : first + _GROUP_LENGTH] for first in range(0, len(letters), _GROUP_LENGTH))


def current_request_id() -> str:
    """Return the id of the current request, `-` outside a request."""
    return _current.get()


@contextmanager
def use_request_id(reference: str) -> Iterator[None]:
    """Make `reference` the current id within a `with` block."""
    token = _current.set(reference)
    try:
        yield
    finally:
        _current.reset(token)


class RouteFilter(logging.Filter):
    """Replace the path in Django's log records of a request by the name of its route: a path may hold a token."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace it; always accept the record."""
        request: Any = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            record.args = tuple(route_of(request) if part == path else part for part in record.args)
        return True


def route_of(request: HttpRequest) -> str:
    """Return the name of the request's route, such as `accounts:confirm`; `-` if its address has none."""
    return request.resolver_match.view_name if request.resolver_match else "-"
