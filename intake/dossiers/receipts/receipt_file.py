"""Parse a receipt file and verify that it is intact and signed by one of the given keys. Needs no database.

A PDF is parsed in a child process with limits and no network: unauthenticated users may send one.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from eligibility.codec import canonical, parse
from intake.documents.isolated_process import ProcessTimeoutError, run_isolated
from intake.documents.temp_dirs import temporary_directory
from intake.dossiers.child.receipt_format import NAMESPACE
from intake.signing.keys import KeySet, Signature, key_set_json
from intake.transparency.checking import Inclusion, ProofRefusedError, check_inclusion, decode_base64

from .statement import InvalidStatementError, ReceiptStatement, is_statement

MAX_BYTES: Final = 1024 * 1024
"""Bytes. A larger file is not read; a receipt has about a tenth of that."""
WALL_SECONDS = 20
ALGORITHM: Final = "ECDSA-P256-SHA256"


class Problem(StrEnum):
    """Why a file is not an authentic receipt."""

    NOT_A_RECEIPT = "NOT_A_RECEIPT"
    """Nothing in it identifies it as a receipt."""
    BYTES = "BYTES"
    """A receipt that was changed, or whose signature is missing."""
    ADDED = "ADDED"
    """Data that the signature does not cover were added."""
    LOG = "LOG"
    """Its inclusion proof is invalid or is about another receipt."""
    KEY = "KEY"
    """The signing key is not one of the portal's."""


class TooLargeError(ValueError):
    """The file has more than `MAX_BYTES` and is not read."""

    code = "TOO_LARGE"


class UnreadableReceiptError(Exception):
    """The file could not be parsed within the limits of time and memory."""

    code = "NOT_READ"


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """Content of a file: its statement and the id of the signing key, or a problem."""

    facts: ReceiptStatement | None = None
    key_id: str = ""
    problem: Problem | None = None
    signature: bytes = b""
    """Signature of a JSON receipt, in DER."""
    logged: Inclusion | None = None
    """Place in the transparency log, if a JSON receipt contains an inclusion proof."""


def read_receipt(content: bytes, keys: KeySet) -> ReceiptFile:
    """Parse and verify a PDF or JSON receipt. `facts` is set only if one of `keys` signed it.

    :raises TooLargeError: if the file has more than `MAX_BYTES`.
    :raises UnreadableReceiptError: if parsing exceeds the limits of time or memory.
    """
    if len(content) > MAX_BYTES:
        raise TooLargeError
    if content.lstrip()[:1] == b"{":
        return read_json_receipt(content, keys)
    if NAMESPACE.encode() in content:
        return _read_pdf(content, keys)
    return ReceiptFile(problem=Problem.NOT_A_RECEIPT)


def make_json_receipt(facts: ReceiptStatement, signature: Signature) -> str:
    """Return the JSON receipt: the statement, and the signature of its canonical JSON."""
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
    """Return the statement of a stored JSON receipt, without verifying its signature."""
    return ReceiptStatement.from_json(json.loads(twin)["receipt"])


def signature_of_json_receipt(twin: str) -> bytes:
    """Return the signature of a stored JSON receipt, in DER."""
    return _signature_of(json.loads(twin)["signature"]).value


def read_json_receipt(content: bytes, keys: KeySet) -> ReceiptFile:
    """Parse and verify a JSON receipt. Its inclusion proof, member `log`, must be valid too if it is present.

    Any member other than `receipt`, `signature` and `log` is unsigned and reported as ADDED. A repeated key, at any
    level, counts as a change: JSON parsers differ on which value they return.
    """
    try:
        raw = parse(content)
    except ValueError:
        # A JSON receipt that lost one character is not JSON, but should be reported as a changed receipt.
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
    others = {name: raw[name] for name in raw.keys() - {"receipt", "signature"}}
    return _check_other_members(read, others, keys)


def _check_other_members(read: ReceiptFile, others: Mapping[str, Any], keys: KeySet) -> ReceiptFile:
    """Return `read`, whose statement and signature are valid, with the result of checking its other members."""
    if not others:
        return read
    if read.facts is None or others.keys() != {"log"}:
        return ReceiptFile(problem=Problem.ADDED)
    try:
        return replace(read, logged=check_inclusion(others["log"], keys, receipt=read.facts.leaf))
    except ProofRefusedError:
        return ReceiptFile(problem=Problem.LOG)


def _signature_of(raw: Any) -> Signature:
    if set(raw) != {"algorithm", "key", "value"} or raw["algorithm"] != ALGORITHM:
        raise ValueError
    return Signature(key_id=str(raw["key"]), value=decode_base64(raw["value"]))


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
