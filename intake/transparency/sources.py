"""Where receipts come from. The room that writes them registers how they are read from its `AppConfig.ready()`."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from .leaves import LeafContent


class Source(Protocol):
    """How the log reads receipts, whatever keeps them."""

    def unlogged(self, *, limit: int, received_before: datetime | None = None) -> list[LeafContent]:
        """Return the first `limit` committed receipts that have no leaf, in the order in which they were received.

        Whatever was committed late is among them: not what came after the last leaf, but what is not there.
        """
        ...  # a protocol's method has no body

    def facts_of(self, numbers: Collection[str]) -> dict[str, LeafContent]:
        """Return what is kept of each of these receipts now, by number; those that are gone are left out."""
        ...  # same


class DuplicateSourceError(ValueError):
    """Two rooms registered receipts."""

    code = "source_taken"


class _Registered:
    source: Source | None = None


def register(source: Source) -> None:
    """Let the log read receipts from `source`.

    :raises SourceTakenError: when there is one already.
    """
    if _Registered.source is not None:
        raise DuplicateSourceError
    _Registered.source = source


def receipts() -> Source:
    """Return the registered source.

    :raises LookupError: when no room registered one.
    """
    if _Registered.source is None:
        raise LookupError
    return _Registered.source
