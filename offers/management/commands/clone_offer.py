"""`manage.py clone_offer`: copy an offer for its next edition."""

import json
import re
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from intake.base.command_errors import exit_bad_input
from offers.models import Offer
from offers.offer_json import offer_as_json
from offers.selectors import get_by_number
from offers.services.cloning import clone_offer
from offers.services.database_errors import REFUSED_BY_THE_DATABASE, explain_database
from offers.services.errors import OfferError
from offers.services.publishing import publish_offer

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        exit_bad_input(f"{option} : {text!r} n’est pas un jour du calendrier écrit AAAA-MM-JJ")
    return day


def _years_left_behind(offer: Offer, model: Offer) -> list[str]:
    """Return a warning for each section that still names a year of the copied offer."""
    old = {model.closes_on.year, model.starts_on.year, model.ends_on.year}
    new = {offer.closes_on.year, offer.starts_on.year, offer.ends_on.year}
    return [
        f"La section « {section} » mentionne encore {year} : à relire."
        for section in offer.sections.order_by("position")
        for year in sorted(old - new)
        if re.search(rf"\b{year}\b", section.text)
    ]


class Command(BaseCommand):
    """Copy an offer with another number and closing day."""

    help = (
        "Copie une offre pour sa prochaine édition et affiche l’objet JSON de la nouvelle. Sans dates, le stage se "
        "déplace avec la date limite, en semaines entières. Code 2 : entrée refusée, rien n’est écrit."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", metavar="NUMÉRO", help="numéro de l’offre à copier")
        parser.add_argument("--number", required=True, help="numéro de la nouvelle offre")
        parser.add_argument("--closes", required=True, help="date limite d’inscription, AAAA-MM-JJ")
        parser.add_argument("--starts", help="premier jour du stage, AAAA-MM-JJ ; avec --ends")
        parser.add_argument("--ends", help="dernier jour du stage, AAAA-MM-JJ ; avec --starts")
        parser.add_argument("--publish", action="store_true", help="publier aussitôt")

    def handle(self, *_args: Any, **options: Any) -> None:
        closes_on = _day(options["closes"], "--closes")
        starts_on, ends_on = _day(options["starts"], "--starts"), _day(options["ends"], "--ends")
        if closes_on is None or (starts_on is None) != (ends_on is None):
            exit_bad_input("--starts et --ends vont ensemble")
        longest = Offer._meta.get_field("number").max_length or 0
        if len(options["number"]) > longest:
            exit_bad_input(f"--number : un numéro a au plus {longest} caractères")
        at = timezone.now()
        try:
            model = get_by_number(options["model"])
            with transaction.atomic():
                offer = clone_offer(
                    offer=model,
                    number=options["number"],
                    closes_on=closes_on,
                    starts_on=starts_on,
                    ends_on=ends_on,
                    at=at,
                )
                if options["publish"]:
                    offer = publish_offer(offer=offer, at=at)
        except Offer.DoesNotExist:
            exit_bad_input(f"aucune offre ne porte le numéro {options['model']}")
        except OfferError as error:
            exit_bad_input(error)
        except REFUSED_BY_THE_DATABASE as error:
            exit_bad_input(explain_database(error))
        except OverflowError:
            exit_bad_input("ces dates dépassent le calendrier")
        shape = offer_as_json(offer, warnings=_years_left_behind(offer, model))
        self.stdout.write(json.dumps(shape, ensure_ascii=False))
