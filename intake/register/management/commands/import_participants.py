"""`manage.py import_participants`: import a list of past participants into the register."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from intake.base.command_errors import exit_bad_input
from intake.register.csv_import import ParsedList, read_list
from intake.register.errors import NoKeyError, NotUtf8Error
from intake.register.forms import MAX_BYTES, decode_utf8
from intake.register.services import count_concerned_files, import_participations
from offers.models import Programme
from offers.models.programme import DEFAULT_PROGRAMME

STANDARD_INPUT = "-"
_ERROR_MESSAGES: dict[type[Exception], str] = {
    FileNotFoundError: "introuvable",
    IsADirectoryError: "un dossier, pas un fichier",
    PermissionError: "la lecture est refusée",
}


class Command(BaseCommand):
    """Import a list of past participants."""

    help = (
        "Inscrit au registre les personnes d’une liste CSV en UTF-8 (last_name, first_name, birth_date, year) et "
        "affiche combien de lignes elle compte, combien sont nouvelles et combien étaient déjà connues, puis "
        "combien de candidatures ouvertes sont à vérifier de nouveau (« files »). "
        "Code 2 : liste refusée, rien n’est inscrit."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="CHEMIN", help="fichier en UTF-8, ou - pour l’entrée standard")
        parser.add_argument(
            "--programme", default=DEFAULT_PROGRAMME, metavar="CODE", help="code du programme"
        )
        parser.add_argument("--dry-run", action="store_true", help="compter sans rien inscrire au registre")

    def handle(self, *_args: Any, **options: Any) -> None:
        code = options["programme"]
        programme = Programme.objects.filter(code=code).first()
        if programme is None:
            exit_bad_input(f"--programme : aucun programme n’a le code « {code} »")
        read = _read(options["path"], programme)
        if read.problems:
            first, *others = read.problems
            more = f" (et {len(others)} autres erreurs)" if others else ""
            exit_bad_input(f"{first}{more}")
        try:
            tally = import_participations(
                rows=read.rows, programme=programme, actor=None, dry_run=options["dry_run"]
            )
        except NoKeyError:
            exit_bad_input(
                "REGISTER_KEYS manque : le registre n’a pas de clé (docs/operations/keys.md dit comment)"
            )
        counts: dict[str, int | None] = {
            "rows": tally.rows,
            "new": tally.new,
            "known": tally.known,
            "rekeyed": tally.rekeyed,
            "files": None if options["dry_run"] else count_concerned_files(programme),
        }
        self.stdout.write(json.dumps(counts))


def _read(path: str, programme: Programme) -> ParsedList:
    try:
        if path == STANDARD_INPUT:
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        exit_bad_input(f"{path} : {_ERROR_MESSAGES.get(type(error), 'impossible à lire')}")
    if len(data) > MAX_BYTES:
        exit_bad_input(f"{path} : plus de {MAX_BYTES} octets ; importez la liste en plusieurs fois")
    try:
        text = decode_utf8(data)
    except NotUtf8Error as refusal:
        exit_bad_input(f"ligne {refusal.line} : le texte n’est pas en UTF-8")
    return read_list(text, programme=programme, on=timezone.localdate())
