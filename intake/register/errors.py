"""What the register refuses, each with a code and its data (HOUSE rule 9)."""

from typing import ClassVar


class RegisterError(Exception):
    """Something the register will not do. `code` is stable and in English; the words are the view's."""

    code: ClassVar[str] = "REFUSED"


class NameWithoutLettersError(RegisterError):
    """A name has no letter in it: nobody can be recognised by it."""

    code = "NAMELESS"


class NoKeyError(RegisterError):
    """The installation has no key (setting `REGISTER_KEYS`): the register can neither be read nor written."""

    code = "NO_KEY"


class AlreadyEnteredError(RegisterError):
    """This person is in the register already, for this programme and this year."""

    code = "ALREADY_ENTERED"


class AlreadyRemovedError(RegisterError):
    """Somebody removed the entry meanwhile."""

    code = "ALREADY_REMOVED"


class ReasonMissingError(RegisterError):
    """A removal says why."""

    code = "REASON_MISSING"
