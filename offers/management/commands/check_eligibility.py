"""`manage.py check_eligibility`: same as `python -m eligibility`, with the criteria of a stored offer."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from eligibility import Rulebook
from eligibility.codec import MalformedError
from eligibility.lines import BadLineError, evaluate_lines
from intake.base.command_errors import exit_bad_input
from offers.models import Offer, RulebookVersion
from offers.selectors import current_rulebook, get_by_number


def _rulebook(number: str) -> Rulebook:
    try:
        return current_rulebook(get_by_number(number)).as_rulebook()
    except Offer.DoesNotExist:
        exit_bad_input(f"aucune offre ne porte le numéro {number}")
    except RulebookVersion.DoesNotExist:
        exit_bad_input(f"l’offre {number} n’a pas de critères")
    except MalformedError as error:
        exit_bad_input(f"les critères de l’offre {number} sont mal formés : {error}")


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
            exit_bad_input(error)
        except BrokenPipeError:
            # The reader closed the pipe. Without this, Python writes the rest at exit and prints an error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
