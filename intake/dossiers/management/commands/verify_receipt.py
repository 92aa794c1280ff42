"""`manage.py verify_receipt`: verify a receipt; with `--keys`, by the published keys and without a database."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from eligibility.codec import parse
from intake.base.command_errors import exit_bad_input
from intake.dossiers.receipt_number import InvalidNumberError, format_number, parse_number
from intake.dossiers.receipts.receipt_file import (
    ReceiptFile,
    TooLargeError,
    UnreadableReceiptError,
    read_receipt,
)
from intake.dossiers.receipts.statement import ReceiptStatement, parse_code
from intake.dossiers.receipts.verifying import Answer, Outcome, verify_code, verify_file
from intake.signing.keys import KeySet
from intake.signing.services import known_keys
from intake.transparency.checking import (
    Inclusion,
    ProofRefusedError,
    check_inclusion,
    check_published,
    read_published,
)
from intake.transparency.leaves import instant_text

_READ_AT_MOST = 2 * 1024 * 1024  # bytes; above MAX_BYTES, so that a file that is too large is detected
_ROOTS_AT_MOST = 64 * 1024 * 1024  # bytes: ten years of roots


class Command(BaseCommand):
    """Verify a receipt."""

    help = (
        "Vérifie un accusé de réception : un fichier PDF ou JSON, un code, ou un numéro suivi de son code. Avec "
        "--keys, un fichier seul, par sa signature et sans base de données. Code 0 : authentique ; 1 : modifié ou "
        "inconnu ; 2 : rien à vérifier."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("receipt", metavar="PATH|CODE", help="fichier, code, ou « NUMÉRO CODE »")
        parser.add_argument(
            "--keys",
            metavar="FICHIER",
            help="les clés publiées par le portail à /verifier/cles.json : la signature seule est alors vérifiée",
        )
        parser.add_argument(
            "--proof",
            metavar="FICHIER",
            help="la preuve d’inscription au registre public, si l’accusé ne la porte pas : elle est vérifiée aussi",
        )
        parser.add_argument(
            "--roots",
            metavar="FICHIER",
            help="les racines publiées du registre (racines.json, ou une par ligne), gardées par quelqu’un d’autre que "
            "qui donne l’accusé, et leurs preuves de cohérence : celles de la preuve doivent en être",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        given: str = options["receipt"]
        try:
            answer, signed = _verify(given, options["keys"])
        except TooLargeError:
            exit_bad_input(f"{given} : trop gros pour un accusé de réception")
        except UnreadableReceiptError:
            exit_bad_input(f"{given} : illisible dans les limites de temps et de mémoire")
        result = _answer_json(answer)
        if signed is not None:
            result |= {"checked": "SIGNATURE"} | ({"key": signed.key_id} if signed.facts else {})
        if answer.facts is not None:
            result |= _check_log(answer.facts, signed.logged if signed else None, options)
        self.stdout.write(json.dumps(result, ensure_ascii=False))
        if not result["authentic"] or result.get("logged") is False:
            raise SystemExit(1)


def _verify(given: str, keys: str | None) -> tuple[Answer, ReceiptFile | None]:
    """Verify what `given` names. With `keys`, verify a file by its signature only, and return its content too."""
    path = Path(given)
    if keys:
        signed = read_receipt(_content_of(path), _keys_of(keys))
        outcome = Outcome.AUTHENTIC if signed.facts else Outcome.ALTERED
        return Answer(outcome, facts=signed.facts, problem=signed.problem), signed
    if path.is_file() or "/" in given or re.search(r"\.(pdf|json)$", given, re.IGNORECASE):
        return verify_file(_content_of(path)), None
    if code := parse_code(given):
        return verify_code(code=code), None
    number, _space, text = given.strip().rpartition(" ")
    code = parse_code(text)
    if code is None:
        exit_bad_input(f"{given} : ni un fichier, ni un code de douze caractères")
    try:
        return verify_code(code=code, number=format_number(*parse_number(number))), None
    except InvalidNumberError:
        exit_bad_input(f"{number} : ce numéro de dépôt a une faute")


def _answer_json(answer: Answer) -> dict[str, Any]:
    if answer.facts is None:
        return {"authentic": False, "reason": str(answer.problem or answer.outcome), "checked": "RECORDS"}
    facts = answer.facts
    return {
        "authentic": True,
        "number": facts.number,
        "received_at": facts.received_at,
        "offer": facts.offer,
        "closes_at": facts.closes_at,
        "time_zone": facts.time_zone,
        "replaces": facts.replaces,
        "seal": facts.seal,
        "documents": list(facts.documents),
        "checked": "RECORDS",
    }


def _check_log(
    facts: ReceiptStatement, logged: Inclusion | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Check the inclusion proof of an authentic receipt, and its root among independently kept published roots.

    :raises CommandError: if `--roots` is given without a proof.
    """
    keys = _keys_of(options["keys"]) if options["keys"] else known_keys()
    roots: dict[str, Any] = {}
    try:
        if options["proof"]:
            proof = _parsed(options["proof"], parse, "pas une preuve d’inscription au registre public")
            logged = check_inclusion(proof, keys, receipt=facts.leaf)
        if options["roots"]:
            if logged is None:
                exit_bad_input(
                    "--roots : l’accusé ne porte pas de preuve d’inscription ; donnez-la par --proof"
                )
            published = _parsed(
                options["roots"],
                lambda content: read_published(content.decode(), keys),
                "pas des racines publiées du registre",
                at_most=_ROOTS_AT_MOST,
            )
            check_published(logged, published.roots)
            counts = {"published": len(published.roots), "proofs": published.proofs}
            roots = {"roots": counts | {"not_ours": published.unsigned}}
    except ProofRefusedError as refused:
        return {"logged": False, "reason": refused.code}
    if logged is None:
        return {}
    root = logged.root
    log = {"index": logged.index, "size": root.size, "published_at": instant_text(root.published_at)}
    return {"logged": True, "log": log} | roots


def _keys_of(name: str) -> KeySet:
    return _parsed(name, KeySet.parse, "pas un fichier de clés publiées par le portail")


def _parsed[Result](
    name: str, read: Callable[[bytes], Result], otherwise: str, *, at_most: int = _READ_AT_MOST
) -> Result:
    """Return what `read` finds in the file `name`; exit with `otherwise` if it raises ValueError."""
    path = Path(name)
    try:
        return read(_content_of(path, at_most=at_most))
    except ValueError:
        exit_bad_input(f"{path} : {otherwise}")


def _content_of(path: Path, *, at_most: int = _READ_AT_MOST) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(at_most)
    except OSError as error:
        exit_bad_input(f"{path} : {error.strerror or 'illisible'}")
