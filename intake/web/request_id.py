"""Request id: the number that a user gives to support, and that the log lines of the request contain."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U, easily misheard or misread
_GROUPS = 3
_GROUP_LENGTH = 4

_current: ContextVar[str] = ContextVar("request_reference", default="-")


def new_request_id() -> str:
    """Return a new id such as `7QX4-0K2M-93TD`: 60 random bits, unrelated to user and time."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


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


class RequestIdFilter(logging.Filter):
    """Add `reference` to each log record, so that the number on an error page leads to its log lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the current id; always accept the record."""
        record.reference = current_request_id()
        return True


class NoTracebackFilter(logging.Filter):
    """Remove the traceback of each log record, for errors that any stranger causes at will."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Remove it; always accept the record."""
        record.exc_info = None
        return True
