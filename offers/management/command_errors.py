"""Errors of commands: one line, exit code 2, nothing written."""

from typing import NoReturn

from django.core.management.base import CommandError
from django.db import DatabaseError, DataError, IntegrityError

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
    """Return the message of the constraint that was broken, or the first line of the database's error if unknown."""
    broken = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for rule in Offer._meta.constraints:
        if rule.name == broken:
            return str(rule.get_violation_error_message())
    return str(error).splitlines()[0]
