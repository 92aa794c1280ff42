"""`manage.py import_offer`: create an offer from the text of a published page."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from intake.base.command_errors import exit_bad_input
from offers.import_messages import explain_unreadable, warning_messages
from offers.models import Offer
from offers.offer_json import offer_as_json
from offers.page.parser import read_page
from offers.page.parts import OfferPage, PageUnreadableError
from offers.services.database_errors import REFUSED_BY_THE_DATABASE, explain_database
from offers.services.errors import OfferError, OfferNotADraftError, OfferNotReadyError
from offers.services.importing import import_page
from offers.services.publishing import publish_offer

STANDARD_INPUT = "-"
_MAX_BYTES = 1024 * 1024  # a published page has about ten thousand
_ERROR_MESSAGES: dict[type[Exception], str] = {
    FileNotFoundError: "introuvable",
    IsADirectoryError: "un dossier, pas un fichier",
    PermissionError: "la lecture est refusée",
}


def _read_text(path: str) -> str:
    try:
        if path == STANDARD_INPUT:
            data = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        exit_bad_input(f"{path} : {_ERROR_MESSAGES.get(type(error), 'impossible à lire')}")
    if len(data) > _MAX_BYTES:
        exit_bad_input(f"{path} : plus de {_MAX_BYTES} octets ; ce n’est pas le texte d’une offre")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        exit_bad_input(f"ligne {line} : le texte n’est pas en UTF-8 (octet {error.start + 1})")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        exit_bad_input(f"--time-zone : « {name} » n’est pas un fuseau horaire connu")
    return name


class Command(BaseCommand):
    """Create an offer from the text of a published page."""

    help = (
        "Lit le texte d’une offre publiée et affiche l’objet JSON de l’offre, un brouillon sauf avec --publish. Un "
        "numéro déjà importé met son brouillon à jour. Code 2 : entrée refusée, rien n’est écrit."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="CHEMIN", help="fichier en UTF-8, ou - pour l’entrée standard")
        parser.add_argument("--publish", action="store_true", help="publier aussitôt, si rien n’est à régler")
        parser.add_argument("--dry-run", action="store_true", help="afficher le même objet sans rien écrire")
        parser.add_argument(
            "--time-zone", default="America/Toronto", help="fuseau où se lisent les jours de l’offre"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        time_zone = _zone(options["time_zone"])
        try:
            page = read_page(_read_text(options["path"]))
            with transaction.atomic():
                offer = self._write(page, time_zone, publish=options["publish"], dry_run=options["dry_run"])
                shape = offer_as_json(offer, warnings=warning_messages(page.points))
                transaction.set_rollback(options["dry_run"])
        except PageUnreadableError as error:
            exit_bad_input(explain_unreadable(error))
        except OfferNotReadyError as error:
            exit_bad_input(" ".join([str(error), *warning_messages(page.points)]))
        except OfferError as error:
            exit_bad_input(error)
        except REFUSED_BY_THE_DATABASE as error:
            exit_bad_input(explain_database(error))
        except OverflowError:
            exit_bad_input("ces dates dépassent le calendrier")
        self.stdout.write(json.dumps(shape, ensure_ascii=False))

    def _write(self, page: OfferPage, time_zone: str, *, publish: bool, dry_run: bool) -> Offer:
        at = timezone.now()
        try:
            offer = import_page(page=page, at=at, time_zone=time_zone)
        except OfferNotADraftError as error:
            if publish or not dry_run:
                raise
            # A dry run may show the text even if the offer from an earlier import is published.
            self.stderr.write(f"{error} Sans --dry-run, l’importation serait refusée.")
            unnumbered = replace(page, header=replace(page.header, number=None))
            offer = import_page(page=unnumbered, at=at, time_zone=time_zone)
            offer.number = page.header.number
        return publish_offer(offer=offer, at=at, mailbox_unconfirmed_is_fine=True) if publish else offer
