"""One file of the corpus, and what its inspection must say."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Case:
    """A file and the expected result."""

    family: str
    name: str
    build: Callable[[], bytes]
    refused: frozenset[str] = frozenset()
    """Reason codes, one of which must refuse it; empty if it must be accepted."""
    removed: frozenset[str] = frozenset()
    """Codes that an acceptance must report as removed."""
    pages: int = 1
    sent_as: str = "cv.pdf"
    warned: frozenset[str] | None = None
    """Warnings of an acceptance; None if they are not judged."""
    is_honest: bool = False
    is_heavy: bool = False
    """True if only the limits of the process stop it, or if it takes long to build."""

    @property
    def id(self) -> str:
        """Name in the results of tests."""
        return f"{self.family}: {self.name}"


def refused(family: str, name: str, build: Callable[[], bytes], *codes: str, **more: Any) -> Case:
    """Return a hostile file that must be refused with one of `codes`."""
    return Case(family, name, build, frozenset(codes), **more)


def neutralised(family: str, name: str, build: Callable[[], bytes], *codes: str, **more: Any) -> Case:
    """Return a hostile file that must be accepted without its parts `codes`."""
    return Case(family, name, build, removed=frozenset(codes), **more)


def honest(family: str, name: str, build: Callable[[], bytes], **more: Any) -> Case:
    """Return an honest file that must be accepted."""
    return Case(family, name, build, is_honest=True, **more)
