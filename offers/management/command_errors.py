"""Errors of commands: one line, exit code 2, nothing written."""

from typing import NoReturn

from django.core.management.base import CommandError
from django.db import DatabaseError, DataError, IntegrityError
from django.utils.translation import gettext as _

from offers.models import Offer

REFUSED_BY_THE_DATABASE = (IntegrityError, DataError)
"""An argument breaks a constraint of a table, or does not fit its column."""
BAD_INPUT = 2  # exit code: one line, nothing written (`docs/contracts.md`)


def exit_bad_input(message: object) -> NoReturn:
    """End the command with `message` and exit code 2.

    :raises CommandError: always.
    """
    raise CommandError(str(message), returncode=BAD_INPUT)


def explain_database(error: DatabaseError) -> str:
    """Return the message of the constraint that was broken, or a sentence for all others: the database's is English."""
    broken = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for rule in Offer._meta.constraints:
        if rule.name == broken:
            return str(rule.get_violation_error_message())
    return _("Une valeur de ce texte est trop longue ou n’est pas permise : rien n’est enregistré.")
