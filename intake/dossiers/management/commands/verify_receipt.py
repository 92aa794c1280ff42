"""`manage.py verify_receipt`: verify a receipt; with `--keys`, by the published keys and without a database."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from eligibility.codec import parse
from intake.dossiers.receipt_number import InvalidNumberError, format_number, parse_number
from intake.dossiers.receipts.receipt_file import TooLargeError, UnreadableReceiptError, read_receipt
from intake.dossiers.receipts.statement import parse_code
from intake.dossiers.receipts.verifying import Answer, Outcome, verify_code, verify_file
from intake.signing.keys import KeySet, UnreadableKeysError
from intake.signing.services import known_keys
from intake.transparency.checking import Inclusion, ProofRefusedError, check_inclusion
from intake.transparency.leaves import LeafContent, instant_text
from intake.transparency.published_roots import PublishedRoots, check_published, read_published
from offers.management.command_errors import exit_bad_input


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
        path = Path(given)
        found: Inclusion | None = None
        try:
            if options["keys"]:
                said, found = _by_signature(_content_of(path), _keys_of(Path(options["keys"])))
            elif path.is_file() or _looks_like_a_path(given):
                said = _answer_json(verify_file(_content_of(path)))
            else:
                said = _answer_json(_by_code(given))
        except TooLargeError:
            exit_bad_input(f"{given} : trop gros pour un accusé de réception")
        except UnreadableReceiptError:
            exit_bad_input(f"{given} : illisible dans les limites de temps et de mémoire")
        if said["authentic"]:
            said |= _check_log(said, found, options)
        self.stdout.write(json.dumps(said, ensure_ascii=False))
        if not said["authentic"] or said.get("logged") is False:
            raise SystemExit(1)


def _by_signature(content: bytes, keys: KeySet) -> tuple[dict[str, Any], Inclusion | None]:
    """Verify a file by its signature only. The portal's records are not read."""
    reading = read_receipt(content, keys)
    if reading.facts is None:
        return {"authentic": False, "reason": str(reading.problem), "checked": "SIGNATURE"}, None
    answer = Answer(Outcome.AUTHENTIC, facts=reading.facts)
    return _answer_json(answer) | {"key": reading.key_id, "checked": "SIGNATURE"}, reading.logged


def _check_log(
    said: Mapping[str, Any], found: Inclusion | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Check the inclusion proof of an authentic receipt, and its root among independently kept published roots.

    :raises CommandError: if `--roots` is given without a proof.
    """
    keys = _keys_of(Path(options["keys"])) if options["keys"] else known_keys()
    try:
        if options["proof"]:
            found = _by_proof(Path(options["proof"]), said, keys)
        if not options["roots"]:
            return _log_json(found)
        if found is None:
            exit_bad_input("--roots : l’accusé ne porte pas de preuve d’inscription ; donnez-la par --proof")
        published = _roots_of(Path(options["roots"]), keys)
        check_published(found, published.roots)
    except ProofRefusedError as refused:
        return {"logged": False, "reason": refused.code}
    counted = {"published": len(published.roots), "proofs": published.proofs, "not_ours": published.unsigned}
    return _log_json(found) | {"roots": counted}


def _roots_of(path: Path, keys: KeySet) -> PublishedRoots:
    try:
        return read_published(_content_of(path, at_most=_ROOTS_AT_MOST).decode(), keys)
    except ValueError:
        exit_bad_input(f"{path} : pas des racines publiées du registre")


def _by_proof(path: Path, said: Mapping[str, Any], keys: KeySet) -> Inclusion:
    """Check the inclusion proof at `path` for an authentic receipt.

    :raises ProofRefusedError: if the proof is invalid or is about another receipt.
    """
    try:
        proof = parse(_content_of(path))
    except ValueError:
        exit_bad_input(f"{path} : pas une preuve d’inscription au registre public")
    leaf = LeafContent(said["number"], datetime.fromisoformat(said["received_at"]), said["seal"])
    return check_inclusion(proof, keys, receipt=leaf)


def _log_json(found: Inclusion | None) -> dict[str, Any]:
    if found is None:
        return {}
    root = found.root
    return {
        "logged": True,
        "log": {"index": found.index, "size": root.size, "published_at": instant_text(root.published_at)},
    }


def _by_code(given: str) -> Answer:
    number, _space, code = given.strip().rpartition(" ")
    read = parse_code(given) or parse_code(code)
    if read is None:
        exit_bad_input(f"{given} : ni un fichier, ni un code de douze caractères")
    if parse_code(given) is not None:
        return verify_code(code=read)
    try:
        return verify_code(code=read, number=format_number(*parse_number(number)))
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


_READ_AT_MOST = 2 * 1024 * 1024  # bytes; above MAX_BYTES, so that a file that is too large is detected
_ROOTS_AT_MOST = 64 * 1024 * 1024  # bytes: ten years of roots


def _content_of(path: Path, *, at_most: int = _READ_AT_MOST) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(at_most)
    except OSError as error:
        exit_bad_input(f"{path} : {error.strerror or 'illisible'}")


def _keys_of(path: Path) -> KeySet:
    try:
        return KeySet.parse(_content_of(path))
    except UnreadableKeysError:
        exit_bad_input(f"{path} : pas un fichier de clés publiées par le portail")


def _looks_like_a_path(given: str) -> bool:
    return "/" in given or bool(re.search(r"\.(pdf|json)$", given, re.IGNORECASE))
