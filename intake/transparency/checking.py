"""Verification of published roots and proofs with only the portal's public keys: no database, no network."""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from intake.signing.keys import KeySet, Signature

from . import leaves, merkle
from .leaves import LeafContent
from .merkle import Hash
from .root_statement import ROOT_TYPE, SCHEMA, signed_bytes

FILING_MARGIN: Final = timedelta(minutes=10)
"""Maximum duration of a filing, from its instant of receipt to its commit."""
_MAX_PATH_LENGTH: Final = 64
_INCLUSION: Final = {"schema", "leaf", "index", "path", "root", "previous"}
_CONSISTENCY: Final = {"schema", "first", "second", "path"}
_ROOT: Final = {"signed", "key_id", "signature"}
_MALFORMED: Final = (KeyError, TypeError, ValueError, OverflowError)


class Refusal(StrEnum):
    """Why a proof or a root is refused."""

    UNREADABLE = "UNREADABLE"
    """It is not in the published form."""
    SIGNATURE = "SIGNATURE"
    """A root in it is not signed by a known key."""
    NOT_IN_TREE = "NOT_IN_TREE"
    """The path does not lead from the leaf to the root."""
    OTHER_RECEIPT = "OTHER_RECEIPT"
    """It is about another receipt, or about other facts of this receipt."""
    BACKDATED = "BACKDATED"
    """The receipt was not in a tree published after its instant of receipt."""
    NOT_CONSISTENT = "NOT_CONSISTENT"
    """The first tree is not a prefix of the second."""
    UNPUBLISHED = "UNPUBLISHED"
    """A root in it is not among the known published roots."""
    FORKED = "FORKED"
    """Two roots signed by the portal's keys cannot belong to one append-only log."""


class ProofRefusedError(Exception):
    """A proof is refused; `code` is the reason."""

    def __init__(self, code: Refusal) -> None:
        self.code = code.value


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """A root with a valid signature: its rank, from 1, the tree's size and hash, and when it was published."""

    rank: int
    size: int
    hash: Hash
    published_at: datetime
    key_id: str


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A receipt in the log: its position, the first root that contains it, and the root before, which does not."""

    facts: LeafContent
    index: int
    root: SignedRoot
    previous: SignedRoot | None


def check_root(document: object, keys: KeySet) -> SignedRoot:
    """Return the published root in `document`, signed by one of `keys`.

    :raises ProofRefusedError: `UNREADABLE` or `SIGNATURE`.
    """
    try:
        return _read_root(_mapping(document), keys)
    except _MALFORMED as error:
        raise ProofRefusedError(Refusal.UNREADABLE) from error


def check_inclusion(document: object, keys: KeySet, *, receipt: LeafContent | None = None) -> Inclusion:
    """Verify a published proof of inclusion; return its content. If `receipt` is given, it must be about that receipt.

    A proof without its leaf, as at public URLs, is verified against `receipt`. The receipt must not have been received
    before the publication of the previous root, which does not contain it, except for `FILING_MARGIN`.

    :raises ProofRefusedError: `UNREADABLE`, `SIGNATURE`, `OTHER_RECEIPT`, `NOT_IN_TREE` or `BACKDATED`.
    """
    try:
        proof = dict(_mapping(document))
        if receipt is not None:
            proof = {"leaf": leaves.leaf_text(receipt)} | proof
        _check_members(proof, _INCLUSION)
        text, index = _text(proof["leaf"]), _count(proof["index"])
        facts, path = _read_leaf(text), _read_path(proof)
        root = _read_root(_mapping(proof["root"]), keys)
        previous = _read_root(_mapping(proof["previous"]), keys) if proof["previous"] is not None else None
    except _MALFORMED as error:
        raise ProofRefusedError(Refusal.UNREADABLE) from error
    if receipt is not None and facts != receipt:
        raise ProofRefusedError(Refusal.OTHER_RECEIPT)
    if not merkle.proves_inclusion(
        leaves.hash_text(text), index=index, size=root.size, path=path, root=root.hash
    ):
        raise ProofRefusedError(Refusal.NOT_IN_TREE)
    # The previous root is mandatory and must be the one just before: it reveals a backdated receipt.
    before = (previous.rank, previous.size <= index) if previous is not None else (0, True)
    if before != (root.rank - 1, True):
        raise ProofRefusedError(Refusal.UNREADABLE)
    if is_backdated(facts, previous.published_at if previous is not None else None):
        raise ProofRefusedError(Refusal.BACKDATED)
    return Inclusion(facts=facts, index=index, root=root, previous=previous)


def check_consistency(document: object, keys: KeySet) -> tuple[SignedRoot, SignedRoot]:
    """Verify a published proof of consistency, that the first tree is a prefix of the second; return both roots.

    :raises ProofRefusedError: `UNREADABLE`, `SIGNATURE` or `NOT_CONSISTENT`.
    """
    try:
        proof = _mapping(document)
        _check_members(proof, _CONSISTENCY)
        path = _read_path(proof)
        first = _read_root(_mapping(proof["first"]), keys)
        second = _read_root(_mapping(proof["second"]), keys)
    except _MALFORMED as error:
        raise ProofRefusedError(Refusal.UNREADABLE) from error
    if not merkle.proves_consistency(
        first=first.size, second=second.size, path=path, first_root=first.hash, second_root=second.hash
    ):
        raise ProofRefusedError(Refusal.NOT_CONSISTENT)
    return first, second


def is_backdated(facts: LeafContent, absent_at: datetime | None) -> bool:
    """True if a receipt was received more than `FILING_MARGIN` before `absent_at`, when the log did not contain it."""
    return absent_at is not None and facts.received_at < absent_at - FILING_MARGIN


def _check_members(proof: Mapping[str, Any], members: set[str]) -> None:
    """Raise unless a proof has the known schema and exactly its members: others would be unsigned claims.

    :raises ValueError: otherwise.
    """
    if proof.keys() != members or _count(proof["schema"]) != SCHEMA:
        raise ValueError


def _read_root(document: Mapping[str, Any], keys: KeySet) -> SignedRoot:
    if document.keys() != _ROOT:
        raise ValueError
    claims = dict(_mapping(document["signed"]))
    if claims.get("type") != ROOT_TYPE or claims.get("schema") != SCHEMA:
        raise ValueError
    signature = Signature(key_id=_text(document["key_id"]), value=_decoded(_text(document["signature"])))
    if not keys.verify(signed_bytes(claims), signature):
        raise ProofRefusedError(Refusal.SIGNATURE)
    return SignedRoot(
        rank=_count(claims["rank"]),
        size=_count(claims["size"]),
        hash=_hash(claims["hash"]),
        published_at=leaves.read_instant(_text(claims["published_at"])),
        key_id=signature.key_id,
    )


def _read_leaf(text: str) -> LeafContent:
    """Return the content of a leaf if it is in the canonical form."""
    said = _mapping(json.loads(text))
    facts = LeafContent(
        number=_text(said["number"]),
        received_at=leaves.read_instant(_text(said["received_at"])),
        seal=_text(said["seal"]),
    )
    if leaves.leaf_text(facts) != text:
        raise ValueError
    return facts


def _read_path(proof: Mapping[str, Any]) -> list[Hash]:
    path = proof["path"]
    if not isinstance(path, list) or len(path) > _MAX_PATH_LENGTH:
        raise TypeError
    return [_hash(part) for part in path]


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError
    return value


def _hash(value: object) -> Hash:
    hashed = bytes.fromhex(_text(value))
    if len(hashed) != hashlib.sha256().digest_size or hashed.hex() != value:
        raise ValueError
    return hashed


def _decoded(text: str) -> bytes:
    """Return the bytes of `text` in base64, if it is the canonical encoding: see RFC 4648, 3.5."""
    value = b64decode(text, validate=True)
    if b64encode(value).decode() != text:
        raise ValueError
    return value
