"""What a file says of itself: is it a receipt, signed by one of the given keys, and whole? Needs no database.

A PDF is read in a child process, with limits and no network: anybody may send one.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from eligibility.codec import canonical, parse
from intake.documents.isolated_process import ProcessTimeoutError, run_isolated
from intake.documents.temp_dirs import temporary_directory
from intake.dossiers.child.receipt_form import NAMESPACE
from intake.signing.keys import KeySet, Signature, key_set_json
from intake.transparency.checking import Inclusion, ProofRefusedError

from .log_leaf import check_logged
from .statement import InvalidStatementError, ReceiptStatement, is_statement

MAX_BYTES: Final = 1024 * 1024
"""Of a file that is read at all: a receipt is of a tenth of that."""
WALL_SECONDS = 20
ALGORITHM: Final = "ECDSA-P256-SHA256"


class Problem(StrEnum):
    """Why a file is no authentic receipt."""

    NOT_A_RECEIPT = "NOT_A_RECEIPT"
    """Nothing in it says that it is one."""
    BYTES = "BYTES"
    """It says that it is one, and something in it was changed, or its signature is gone."""
    ADDED = "ADDED"
    """Something was written after what was signed."""
    LOG = "LOG"
    """The proof of the public log that was put in it does not hold, or is of another receipt."""
    KEY = "KEY"
    """Its signature is good, and of a key that is not the portal's."""


class TooLargeError(ValueError):
    """The file has more than `MOST_BYTES`: it is not read."""

    code = "TOO_LARGE"


class UnreadableReceiptError(Exception):
    """The file could not be read within the limits: nothing can be said of it."""

    code = "NOT_READ"


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """What was found in a file: its facts and the key that signed them, or a problem."""

    facts: ReceiptStatement | None = None
    key_id: str = ""
    problem: Problem | None = None
    signature: bytes = b""
    """That of a JSON twin, in DER."""
    logged: Inclusion | None = None
    """Where the public log is shown to hold it, by the proof that a JSON twin carries."""


def read_receipt(content: bytes, keys: KeySet) -> ReceiptFile:
    """Return what a file says, a PDF or a JSON twin; its facts are there only if one of `keys` signed them.

    :raises TooLargeError: it is too large to be a receipt.
    :raises NotReadError: it took too long, or too much memory.
    """
    if len(content) > MAX_BYTES:
        raise TooLargeError
    if content.lstrip()[:1] == b"{":
        return read_json_receipt(content, keys)
    if NAMESPACE.encode() in content:
        return _read_pdf(content, keys)
    return ReceiptFile(problem=Problem.NOT_A_RECEIPT)


def make_json_receipt(facts: ReceiptStatement, signature: Signature) -> str:
    """Return the JSON twin of a receipt: its facts, and the signature of their canonical JSON."""
    return canonical(
        {
            "receipt": facts.as_json(),
            "signature": {
                "algorithm": ALGORITHM,
                "key": signature.key_id,
                "value": b64encode(signature.value).decode(),
            },
        }
    ).decode()


def statement_of_json_receipt(twin: str) -> ReceiptStatement:
    """Return the facts of a twin that the portal keeps, its signature not looked at."""
    return ReceiptStatement.from_json(json.loads(twin)["receipt"])


def signature_of_json_receipt(twin: str) -> bytes:
    """Return the signature of a twin that the portal keeps, in DER."""
    return _signature_of(json.loads(twin)["signature"]).value


def read_json_receipt(content: bytes, keys: KeySet) -> ReceiptFile:
    """Return what a JSON twin says; if it carries the proof that the public log holds it, `log`, that must hold too.

    Any other member beside `receipt` and `signature` was added by somebody else, and nobody signed it. A member given
    twice, anywhere, is a change: readers differ on which of the two they take.
    """
    try:
        raw = parse(content)
    except ValueError:
        # A twin of which one character was lost is no JSON any more, and yet no other file.
        return ReceiptFile(problem=Problem.BYTES if b'"receipt"' in content else Problem.NOT_A_RECEIPT)
    if not (isinstance(raw, dict) and is_statement(raw.get("receipt"))):
        looks_like_one = isinstance(raw, dict) and ("receipt" in raw or "signature" in raw)
        return ReceiptFile(problem=Problem.BYTES if looks_like_one else Problem.NOT_A_RECEIPT)
    try:
        facts = ReceiptStatement.from_json(raw["receipt"])
        signature = _signature_of(raw.get("signature"))
    except (InvalidStatementError, ValueError, KeyError, TypeError):
        return ReceiptFile(problem=Problem.BYTES)
    if not keys.verify(facts.canonical(), signature):
        return ReceiptFile(problem=Problem.BYTES if signature.key_id in keys.keys else Problem.KEY)
    read = ReceiptFile(facts=facts, key_id=signature.key_id, signature=signature.value)
    return _check_other_members(read, {name: raw[name] for name in raw.keys() - _SIGNED}, keys)


def _check_other_members(read: ReceiptFile, others: Mapping[str, Any], keys: KeySet) -> ReceiptFile:
    """Return what a twin of which facts and signature are good says by its other members too."""
    if not others:
        return read
    if read.facts is None or others.keys() != {"log"}:
        return ReceiptFile(problem=Problem.ADDED)
    try:
        return replace(read, logged=check_logged(others["log"], read.facts, keys))
    except ProofRefusedError:
        return ReceiptFile(problem=Problem.LOG)


def _signature_of(raw: Any) -> Signature:
    value = b64decode(raw["value"], validate=True)
    if raw["algorithm"] != ALGORITHM or b64encode(value).decode() != raw["value"] or set(raw) != _MEMBERS:
        raise ValueError
    return Signature(key_id=str(raw["key"]), value=value)


_MEMBERS = {"algorithm", "key", "value"}
_SIGNED = {"receipt", "signature"}


def _read_pdf(content: bytes, keys: KeySet) -> ReceiptFile:
    with temporary_directory("receipt") as room:
        (room / "in.pdf").write_bytes(content)
        (room / "keys.json").write_text(json.dumps(key_set_json(keys)), encoding="utf-8")
        try:
            ended = run_isolated(
                "intake.dossiers.child.receipt_reader", str(room), room=room, seconds=WALL_SECONDS
            )
        except ProcessTimeoutError as error:
            raise UnreadableReceiptError from error
        if ended != 0:
            raise UnreadableReceiptError
        result = json.loads((room / "result.json").read_bytes())
    if "problem" in result:
        return ReceiptFile(problem=Problem(result["problem"]))
    try:
        return ReceiptFile(facts=ReceiptStatement.parse(result["facts"]), key_id=result["key_id"])
    except InvalidStatementError:
        return ReceiptFile(problem=Problem.BYTES)
