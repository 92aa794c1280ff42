"""Published documents of the log, as data ready for JSON: roots, and proofs that can be verified without the portal.

Hashes are in hexadecimal, signatures in base64 (RFC 4648, section 4), instants as `leaves.instant_text` writes them.
"""

from base64 import b64encode
from typing import Any

from . import merkle, selectors
from .checking import ROOT_TYPE, SCHEMA
from .leaves import instant_text
from .models import Leaf, Root


def statement_of_root(root: Root) -> dict[str, Any]:
    """Return the statement of a root; the signature covers its canonical JSON."""
    return {
        "hash": root.hash,
        "published_at": instant_text(root.published_at),
        "rank": root.rank,
        "schema": SCHEMA,
        "size": root.size,
        "type": ROOT_TYPE,
    }


def root_document(root: Root) -> dict[str, Any]:
    """Return a published root: its `signed` statement, the key's id and the signature."""
    return {
        "signed": statement_of_root(root),
        "key_id": root.key_id,
        "signature": b64encode(bytes(root.signature)).decode(),
    }


def inclusion_document(leaf: Leaf, since: Root) -> dict[str, Any]:
    """Return the proof that `leaf` is in the tree of `since`, with the leaf, for the holder of its receipt only.

    A receipt's verification code is derived from its leaf, so the public proof has none (`public_inclusion_document`).
    """
    return {"leaf": leaf.text} | public_inclusion_document(leaf, since)


def public_inclusion_document(leaf: Leaf, since: Root) -> dict[str, Any]:
    """Return the proof that `leaf` is in the tree of `since`, the first root that contains it. Immutable. Two queries.

    It contains only the leaf's position. `previous` is the root published before `since`, null for the first root: its
    tree does not contain the leaf, so a receipt received before it, except for `FILING_MARGIN`, was backdated.
    """
    path = selectors.hashes_of_ranges(merkle.inclusion_ranges(leaf.position, since.size))
    before = selectors.root_before(since)
    return {
        "schema": SCHEMA,
        "index": leaf.position,
        "path": [hashed.hex() for hashed in path],
        "root": root_document(since),
        "previous": root_document(before) if before is not None else None,
    }


def consistency_document(first: Root, second: Root) -> dict[str, Any]:
    """Return the proof that the tree of `first` is a prefix of the tree of `second`. One query.

    :raises ValueError: if `second` is smaller than `first`.
    """
    path = selectors.hashes_of_ranges(merkle.consistency_ranges(first.size, second.size))
    return {
        "schema": SCHEMA,
        "first": root_document(first),
        "second": root_document(second),
        "path": [hashed.hex() for hashed in path],
    }
