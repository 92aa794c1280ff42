"""Leaves of the log: the public facts of a receipt, in one byte form. No side effects."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from eligibility.canonical import canonical

from .merkle import Hash, hash_leaf

SCHEMA: Final = 1
"""Schema of a leaf. A stored leaf never changes: a new schema applies only to new leaves."""


@dataclass(frozen=True, slots=True)
class LeafContent:
    """The facts of a receipt without its person: number, aware instant of the filing, digest of the seal.

    The digest (`sha256:` and 64 digits) is salted: without the filing's content and salt it reveals nothing.
    """

    number: str
    received_at: datetime
    seal: str


def leaf_text(facts: LeafContent) -> str:
    """Return the leaf of a receipt: canonical JSON, such as
    `{"number":"2027-020-000123-K","received_at":"2027-09-01T14:00:00.000000Z","schema":1,"seal":"sha256:…"}`.
    """  # noqa: D205 -- one sentence and its example
    received_at = instant_text(facts.received_at)
    leaf = {"number": facts.number, "received_at": received_at, "schema": SCHEMA, "seal": facts.seal}
    return canonical(leaf).decode()


def hash_text(text: str) -> Hash:
    """Return the hash of a leaf in the tree."""
    return hash_leaf(text.encode())


def instant_text(at: datetime) -> str:
    """Write an aware instant in UTC, with six digits of microseconds: `2027-09-01T14:00:00.000000Z`."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_instant(text: str) -> datetime:
    """Return the instant that `instant_text` wrote.

    :raises ValueError: if `text` is in another form.
    """
    at = datetime.fromisoformat(text)
    if instant_text(at) != text:
        raise ValueError(text)
    return at
