"""Bad input of a command: one line, exit code 2, nothing written."""

from typing import NoReturn

from django.core.management.base import CommandError

BAD_INPUT = 2  # exit code: one line, nothing written (`docs/contracts.md`)


def exit_bad_input(message: object) -> NoReturn:
    """End the command with `message` and exit code 2.

    :raises CommandError: always.
    """
    raise CommandError(str(message), returncode=BAD_INPUT)
