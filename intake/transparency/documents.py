"""What the log publishes, as plain data ready for JSON: roots, and proofs that anybody checks without the portal.

Hashes are written in hexadecimal, signatures in base64 (RFC 4648, section 4), instants as `leaves.instant_text` does.
"""

from base64 import b64encode
from typing import Any

from . import merkle, selectors
from .models import Leaf, Root
from .root_statement import SCHEMA, root_statement


def statement_of_root(root: Root) -> dict[str, Any]:
    """Return what the signature of a published root covers."""
    return root_statement(rank=root.rank, size=root.size, root_hash=root.hash, published_at=root.published_at)


def root_document(root: Root) -> dict[str, Any]:
    """Return a published root: what is `signed`, the key's id and its signature of it."""
    return {
        "signed": statement_of_root(root),
        "key_id": root.key_id,
        "signature": b64encode(bytes(root.signature)).decode(),
    }


def inclusion_document(leaf: Leaf, since: Root) -> dict[str, Any]:
    """Return the proof that `leaf` is in the tree of `since`, for whoever holds its receipt: it says the leaf.

    The code of a receipt comes of what its leaf says: it is for nobody else (`public_inclusion_document`).
    """
    return {"leaf": leaf.text} | public_inclusion_document(leaf, since)


def public_inclusion_document(leaf: Leaf, since: Root) -> dict[str, Any]:
    """Return the proof that `leaf` is in the tree of `since`, the first root over it; it never changes. Two queries.

    Of the leaf it says its place alone. `previous` is the root published before that one, null for the first: the leaf
    is not in its tree, so that a receipt received before it, but for the time a filing takes, was put there afterwards.
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
    """Return the proof that the tree of `first` begins that of `second`, which is as large or larger. One query.

    :raises ValueError: when it is smaller.
    """
    path = selectors.hashes_of_ranges(merkle.consistency_ranges(first.size, second.size))
    return {
        "schema": SCHEMA,
        "first": root_document(first),
        "second": root_document(second),
        "path": [hashed.hex() for hashed in path],
    }
