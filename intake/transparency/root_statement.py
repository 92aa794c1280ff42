"""Statement that a root's signature covers, and its signed bytes. No side effects."""

from datetime import datetime
from typing import Any, Final

from eligibility.canonical import canonical

from .leaves import instant_text

SCHEMA: Final = 1
"""Schema of these documents. It changes with the members; a verifier refuses unknown schemas."""
ROOT_TYPE: Final = "receipt-log-root"
"""Member `type` of the signed statement, because the same key signs other kinds of message."""


def root_statement(*, rank: int, size: int, root_hash: str, published_at: datetime) -> dict[str, Any]:
    """Return the statement that a root's signature covers; its canonical JSON is signed (`signed_bytes`)."""
    return {
        "hash": root_hash,
        "published_at": instant_text(published_at),
        "rank": rank,
        "schema": SCHEMA,
        "size": size,
        "type": ROOT_TYPE,
    }


def signed_bytes(claims: dict[str, Any]) -> bytes:
    """Return the bytes to sign: UTF-8 JSON, keys sorted, no spaces."""
    return canonical(claims)
