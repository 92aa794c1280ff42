"""The number a person reads out to support, and the log lines that carry it."""

import logging
import secrets
from contextvars import ContextVar

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O nor U to mistake over the telephone
_GROUPS = 3
_GROUP_LENGTH = 4

_current: ContextVar[str] = ContextVar("request_reference", default="-")


def new_request_id() -> str:
    """Return a fresh reference such as `7QX4-0K2M-93TD`: 60 random bits, saying nothing of person or time."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def current_request_id() -> str:
    """Return the reference of the request being answered, `-` outside of one."""
    return _current.get()


class use_request_id:  # noqa: N801 -- reads as the statement it is: `with reference_in_force(…):`
    """Make `reference` the current one within a `with` block."""

    def __init__(self, reference: str) -> None:
        self._reference = reference

    def __enter__(self) -> str:
        self._token = _current.set(self._reference)
        return self._reference

    def __exit__(self, *_exc: object) -> None:
        _current.reset(self._token)


class RequestIdFilter(logging.Filter):
    """Give each log record a `reference`, so that a page shown to someone leads to its lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the current reference; always let the record through."""
        record.reference = current_request_id()
        return True
