"""Verification of published roots that a third party kept, and of a proof against them: no database, no network.

The owner of the key can sign two logs and show each to different people. A proof is about the public log only if its
roots are among those that others kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eligibility.codec import parse
from intake.signing.keys import KeySet

from .checking import Inclusion, ProofRefusedError, Refusal, SignedRoot, check_consistency, check_root
from .merkle import Hash


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
    return [document for held in whole for document in _documents_in(held)]


def _documents_in(document: Any) -> list[Any]:
    if isinstance(document, Mapping) and isinstance(document.get("roots"), list):
        return list(document["roots"])
    return list(document) if isinstance(document, list) else [document]
