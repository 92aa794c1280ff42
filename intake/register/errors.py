"""Errors of the register's operations. Each has a stable code and its data."""

from typing import ClassVar


class RegisterError(Exception):
    """Base class. `code` is stable and in English; the view has the message."""

    code: ClassVar[str] = "REFUSED"


class NameWithoutLettersError(RegisterError):
    """A name contains no letter and so cannot identify a person."""

    code = "NAMELESS"


class NoKeyError(RegisterError):
    """The setting `REGISTER_KEYS` is empty: the register can neither be read nor written."""

    code = "NO_KEY"


class AlreadyEnteredError(RegisterError):
    """The person is already in the register for this programme and year."""

    code = "ALREADY_ENTERED"


class AlreadyRemovedError(RegisterError):
    """The row was removed concurrently."""

    code = "ALREADY_REMOVED"


class ReasonMissingError(RegisterError):
    """A removal has no reason."""

    code = "REASON_MISSING"
