"""What a root's signature covers, and the bytes that are signed. Pure."""

from datetime import datetime
from typing import Any, Final

from eligibility.canonical import canonical

from .leaves import instant_text

SCHEMA: Final = 1
"""Shape of these documents. Another number with other members: what checks one refuses those that it does not know."""
ROOT_TYPE: Final = "receipt-log-root"
"""Said within what is signed: the same key signs other sorts of messages."""


def root_statement(*, rank: int, size: int, root_hash: str, published_at: datetime) -> dict[str, Any]:
    """Return what a root's signature covers; the signed bytes are its canonical JSON (`signed_bytes`)."""
    return {
        "hash": root_hash,
        "published_at": instant_text(published_at),
        "rank": rank,
        "schema": SCHEMA,
        "size": size,
        "type": ROOT_TYPE,
    }


def signed_bytes(claims: dict[str, Any]) -> bytes:
    """Return the bytes that are signed: UTF-8 JSON, keys sorted, no spaces."""
    return canonical(claims)
