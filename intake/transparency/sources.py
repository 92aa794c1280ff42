"""Source of the receipts; `intake.wiring` connects it."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from .leaves import LeafContent


class Source(Protocol):
    """Interface by which the log reads receipts."""

    def unlogged(self, *, limit: int, received_before: datetime | None = None) -> list[LeafContent]:
        """Return the first `limit` committed receipts without a leaf, in order of receipt.

        Receipts that committed late are included: the criterion is the missing leaf, not the last leaf's instant.
        """
        ...  # a protocol's method has no body

    def facts_of(self, numbers: Collection[str]) -> dict[str, LeafContent]:
        """Return the stored facts of these receipts, by number; missing receipts are omitted."""
        ...  # a protocol's method has no body


class DuplicateSourceError(ValueError):
    """Two apps registered a source of receipts."""

    code = "source_taken"


class _Registered:
    source: Source | None = None


def register(source: Source) -> None:
    """Register the source of receipts.

    :raises DuplicateSourceError: if there is one already.
    """
    if _Registered.source is not None:
        raise DuplicateSourceError
    _Registered.source = source


def receipts() -> Source:
    """Return the registered source.

    :raises LookupError: if no app registered one.
    """
    if _Registered.source is None:
        raise LookupError
    return _Registered.source
