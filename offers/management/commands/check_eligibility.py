"""`manage.py check_eligibility`: same as `python -m eligibility`, with the criteria of a stored offer."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from eligibility import Rulebook
from eligibility.codec import MalformedError
from eligibility.lines import BadLineError, evaluate_lines
from offers.models import Offer, RulebookVersion
from offers.selectors import current_rulebook, get_by_number

BAD_INPUT = 2  # exit code: one line; verdicts of earlier lines stay (`docs/contracts.md`)


def _rulebook(number: str) -> Rulebook:
    """Return the current rulebook of an offer.

    :raises CommandError: if no offer has this number, or it has no valid criteria.
    """
    try:
        return current_rulebook(get_by_number(number)).as_rulebook()
    except Offer.DoesNotExist:
        problem = f"aucune offre ne porte le numéro {number}"
    except RulebookVersion.DoesNotExist:
        problem = f"l’offre {number} n’a pas de critères"
    except MalformedError as error:
        problem = f"les critères de l’offre {number} sont mal formés : {error}"
    raise CommandError(problem, returncode=BAD_INPUT)


class Command(BaseCommand):
    """Evaluate one facts object per line against the criteria of an offer."""

    help = (
        "Juge les renseignements lus sur l’entrée standard, un objet JSON par ligne, d’après les critères d’une offre, "
        "et affiche un verdict par ligne, dans le même ordre. Code 2 : ligne refusée ; les verdicts précédents restent."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--offer", metavar="NUMÉRO", required=True, help="numéro de l’offre")

    def handle(self, *_args: Any, **options: Any) -> None:
        rulebook = _rulebook(options["offer"])
        try:
            for verdict in evaluate_lines(rulebook, sys.stdin.buffer):
                self.stdout.write(verdict)
                self.stdout.flush()
        except BadLineError as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from None
        except BrokenPipeError:
            # The reader closed the pipe. Without this, Python writes the rest at exit and prints an error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
