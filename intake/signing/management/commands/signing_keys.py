"""`manage.py signing_keys`: the published keys, a new key, or the public half of an old key."""

import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management.base import BaseCommand, CommandParser

from intake.signing.services import known_keys, published_keys
from offers.management.command_errors import exit_bad_input

_SECRET_BYTES = 32


class Command(BaseCommand):
    """Print keys as JSON."""

    help = (
        "Affiche les clés publiques du portail, telles que /verifier/cles.json les publie : de quoi vérifier un accusé "
        "de réception hors ligne."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--new", metavar="NOM", help="une nouvelle clé, pour la variable SIGNING_KEYS")
        choice.add_argument(
            "--retire",
            metavar="NOM",
            help="la moitié publique d’une clé, à mettre dans SIGNING_KEYS à la place de son secret",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["new"]:
            answer: dict[str, Any] = {"setting": f"{options['new']}:{secrets.token_hex(_SECRET_BYTES)}"}
        elif options["retire"]:
            answer = {"setting": f"{options['retire']}:{_public_half(options['retire'])}"}
        else:
            answer = published_keys()
        self.stdout.write(json.dumps(answer, indent=2))


def _public_half(name: str) -> str:
    named = next((key for key in known_keys().keys.values() if key.name == name), None)
    if named is None:
        exit_bad_input(f"SIGNING_KEYS ne nomme aucune clé {name}")
    return named.key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint).hex()
