"""Errors of the register's operations: code, data and message of each."""

from django.utils.translation import gettext_lazy as _

from intake.base.portal_error import PortalError


class RegisterError(PortalError):
    """Base class."""

    code = "REFUSED"


class NameWithoutLettersError(RegisterError):
    """A name contains no letter and so cannot identify a person."""

    code = "NAMELESS"


class NoKeyError(RegisterError):
    """The setting `REGISTER_KEYS` is empty: the register can neither be read nor written."""

    code = "NO_KEY"
    message = _(
        "Le registre n’est pas configuré : vous ne pouvez rien y chercher ni y inscrire. "
        "Prévenez l’équipe technique."
    )


class AlreadyEnteredError(RegisterError):
    """The person is already in the register for this programme and year."""

    code = "ALREADY_ENTERED"
    message = _("Cette personne est déjà au registre pour cette année.")


class AlreadyRemovedError(RegisterError):
    """The row was removed concurrently."""

    code = "ALREADY_REMOVED"
    message = _("Cette participation est déjà retirée.")


class ReasonMissingError(RegisterError):
    """A removal has no reason."""

    code = "REASON_MISSING"


class NotUtf8Error(RegisterError):
    """The bytes are not UTF-8. `line` is the first such line, from 1."""

    code = "NOT_UTF8"
    message = _("La ligne %(line)d n’est pas en UTF-8. Dans le tableur, enregistrez sous « CSV UTF-8 ».")

    def __init__(self, *, line: int) -> None:
        self.line = line
