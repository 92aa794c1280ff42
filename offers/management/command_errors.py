"""How the commands of this room refuse: one clear line, exit code 2, nothing written."""

from typing import NoReturn

from django.core.management.base import CommandError
from django.db import DatabaseError, DataError, IntegrityError

from offers.models import Offer

REFUSED_BY_THE_DATABASE = (IntegrityError, DataError)
"""What was given breaks a rule of a table, or is no value of its column."""
BAD_INPUT = 2  # exit code of the contracts: one clear line, nothing written


def exit_bad_input(message: object) -> NoReturn:
    """End the command: what it was given will not do.

    :raises CommandError: always.
    """
    raise CommandError(str(message), returncode=BAD_INPUT)


def explain_database(error: DatabaseError) -> str:
    """Say in words which rule of the table was broken; the first line of the database's answer if none is known."""
    broken = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for rule in Offer._meta.constraints:
        if rule.name == broken:
            return str(rule.get_violation_error_message())
    return str(error).splitlines()[0]
