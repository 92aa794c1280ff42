"""`manage.py signing_keys`: the published keys, a new key, or the public half of an old key."""

import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management.base import BaseCommand, CommandParser

from intake.base.command_errors import exit_bad_input
from intake.signing.keys import PublicKey
from intake.signing.services import known_keys, published_certificate, published_keys

_SECRET_BYTES = 32


class Command(BaseCommand):
    """Print the published keys as JSON, or what a variable of the environment takes."""

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
        choice.add_argument(
            "--web",
            action="store_true",
            help="les variables du serveur web, qui vérifie et ne signe pas : moitiés publiques et certificat",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["web"]:
            keys = ",".join(f"{key.name}:{_public_half(key)}" for key in known_keys().keys.values())
            self.stdout.write(f"SIGNING_KEYS={keys}\nSIGNING_CERTIFICATE={published_certificate()}")
            return
        if options["new"]:
            answer = f"{options['new']}:{secrets.token_hex(_SECRET_BYTES)}"
        elif options["retire"]:
            answer = f"{options['retire']}:{_public_half(_key_named(options['retire']))}"
        else:
            answer = json.dumps(published_keys(), indent=2)
        self.stdout.write(answer)


def _public_half(key: PublicKey) -> str:
    return key.key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint).hex()


def _key_named(name: str) -> PublicKey:
    named = next((key for key in known_keys().keys.values() if key.name == name), None)
    if named is None:
        exit_bad_input(f"SIGNING_KEYS ne nomme aucune clé {name}")
    return named
