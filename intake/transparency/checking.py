"""Verification of published roots and proofs with only the portal's public keys: no database, no network.

The owner of the key can sign two logs and show each to different people. A proof is about the public log only if its
roots are among those that others kept.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from eligibility.codec import canonical, parse
from intake.signing.keys import KeySet, Signature

from . import leaves, merkle
from .leaves import LeafContent
from .merkle import Hash

SCHEMA: Final = 1
"""Schema of published roots and proofs. It changes with the members; a verifier refuses unknown schemas."""
ROOT_TYPE: Final = "receipt-log-root"
"""Member `type` of the signed statement, because the same key signs other kinds of message."""
FILING_MARGIN: Final = timedelta(minutes=20)
"""Maximum duration of a filing, from its instant of receipt to its commit: what arrives may wait for 15 minutes."""
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
        return _read_root(document, keys)
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
        root = _read_root(proof["root"], keys)
        previous = _read_root(proof["previous"], keys) if proof["previous"] is not None else None
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
        first = _read_root(proof["first"], keys)
        second = _read_root(proof["second"], keys)
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


class NotPublishedError(ValueError):
    """A text contains something that the log does not publish; the first argument is the reason."""

    code = "NOT_PUBLISHED"


@dataclass(frozen=True, slots=True)
class PublishedRoots:
    """The roots of a text that the given keys signed; the numbers of other roots and of proofs between roots."""

    roots: tuple[SignedRoot, ...]
    unsigned: int
    proofs: int


def read_published(text: str, keys: KeySet) -> PublishedRoots:
    """Return the roots in a text of roots and proofs of consistency; every signed proof is verified.

    The text is one JSON document, or one per line: a root, a list of roots, the content of `racines.json`, or a proof.

    :raises NotPublishedError: if it contains anything else, or nothing.
    :raises ProofRefusedError: `NOT_CONSISTENT`, if a proof fails.
    """
    roots: list[SignedRoot] = []
    unsigned = proofs = 0
    for document in _documents(text):
        try:
            if isinstance(document, Mapping) and "first" in document:
                roots += check_consistency(document, keys)
                proofs += 1
            else:
                roots.append(check_root(document, keys))
        except ProofRefusedError as refused:
            if refused.code == Refusal.NOT_CONSISTENT:
                raise
            if refused.code != Refusal.SIGNATURE:
                msg = "something there is neither a published root nor a proof of consistency"
                raise NotPublishedError(msg) from refused
            unsigned += 1
    if not roots and not unsigned:
        msg = "no published root there"
        raise NotPublishedError(msg)
    return PublishedRoots(roots=tuple(roots), unsigned=unsigned, proofs=proofs)


def check_published(found: Inclusion, roots: Iterable[SignedRoot]) -> None:
    """Raise unless the roots of `found` are among `roots`, and all of them can belong to one log.

    Two trees of different sizes may still belong to two logs: only a proof of consistency excludes it (RFC 9162,
    section 2.1.4), and `read_published` verifies the proofs that it is given.

    :raises ProofRefusedError: `FORKED` or `UNPUBLISHED`.
    """
    seen = list(roots)
    proving = [root for root in (found.previous, found.root) if root is not None]
    _check_one_log([*seen, *proving])
    published = {_root_values(root) for root in seen}
    if any(_root_values(root) not in published for root in proving):
        raise ProofRefusedError(Refusal.UNPUBLISHED)


def _check_members(proof: Mapping[str, Any], members: set[str]) -> None:
    # Other members would be unsigned claims.
    if proof.keys() != members or _count(proof["schema"]) != SCHEMA:
        raise ValueError


def _read_root(value: object, keys: KeySet) -> SignedRoot:
    document = _mapping(value)
    if document.keys() != _ROOT:
        raise ValueError
    claims = dict(_mapping(document["signed"]))
    if claims.get("type") != ROOT_TYPE or claims.get("schema") != SCHEMA:
        raise ValueError
    signature = Signature(key_id=_text(document["key_id"]), value=decode_base64(_text(document["signature"])))
    if not keys.verify(canonical(claims), signature):
        raise ProofRefusedError(Refusal.SIGNATURE)
    return SignedRoot(
        rank=_count(claims["rank"]),
        size=_count(claims["size"]),
        hash=_hash(claims["hash"]),
        published_at=leaves.read_instant(_text(claims["published_at"])),
        key_id=signature.key_id,
    )


def _read_leaf(text: str) -> LeafContent:
    leaf = _mapping(json.loads(text))
    received_at = leaves.read_instant(_text(leaf["received_at"]))
    facts = LeafContent(number=_text(leaf["number"]), received_at=received_at, seal=_text(leaf["seal"]))
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


def decode_base64(text: str) -> bytes:
    """Return the bytes that `text` encodes in base64.

    :raises ValueError: if it is not the canonical encoding (RFC 4648, 3.5): other texts would give the same bytes.
    """
    value = b64decode(text, validate=True)
    if b64encode(value).decode() != text:
        raise ValueError
    return value


def _check_one_log(roots: list[SignedRoot]) -> None:
    """Raise unless each rank has one root and each size one tree, and later ranks are later and not smaller."""
    hashes: dict[int, Hash] = {}
    last: SignedRoot | None = None
    for root in sorted(roots, key=_root_values):
        follows = last is None or (
            _root_values(root) == _root_values(last)
            or (root.rank > last.rank and root.size >= last.size and root.published_at > last.published_at)
        )
        if not follows or hashes.setdefault(root.size, root.hash) != root.hash:
            raise ProofRefusedError(Refusal.FORKED)
        last = root


def _root_values(root: SignedRoot) -> tuple[int, int, Hash, datetime]:
    """Return the values of a root without its key."""
    return root.rank, root.size, root.hash, root.published_at


def _documents(text: str) -> list[Any]:
    try:
        try:
            whole = [parse(text)]
        except ValueError:
            whole = [parse(line) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        msg = "it is not JSON, or gives a member twice"
        raise NotPublishedError(msg) from error
    return [document for part in whole for document in _documents_in(part)]


def _documents_in(document: Any) -> list[Any]:
    if isinstance(document, Mapping) and isinstance(document.get("roots"), list):
        return list(document["roots"])
    return list(document) if isinstance(document, list) else [document]
