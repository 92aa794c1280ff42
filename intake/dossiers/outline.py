"""Which page of a dossier is which page of a document filed: the one place that says so."""

from collections.abc import Sequence
from dataclasses import dataclass

from .models import Dossier
from .payload import SealedDocument


@dataclass(frozen=True, slots=True)
class OutlinePart:
    """One document of a dossier: the page at which it starts there, from 1, and how many pages it has there."""

    label: str
    start: int
    pages: int
    replaced: bool
    """The dossier holds one page that says that the document could not be read, and none of its own."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A dossier in order: `cover` pages of cover, verdict and answers, then each document."""

    cover: int
    parts: tuple[OutlinePart, ...]

    @property
    def replaced(self) -> int:
        """How many documents the dossier only says that it could not show."""
        return sum(part.replaced for part in self.parts)


def outline_of(dossier: Dossier, documents: Sequence[SealedDocument]) -> Outline | None:
    """Return where each of the sealed `documents` stands in their `dossier`; None if it cannot be told.

    A dossier made before it kept where its documents start is counted from its end, where they are, by the pages that
    were sealed: right unless one of them was replaced.
    """
    starts = dossier.starts or _counted(dossier, documents)
    if len(starts) != len(documents) or (starts and starts[0] < _FIRST):
        return None
    ends = [*starts[1:], dossier.pages + 1] if starts else []
    return Outline(
        cover=starts[0] - 1 if starts else dossier.pages,
        parts=tuple(
            OutlinePart(
                label=document.label,
                start=start,
                pages=end - start,
                replaced=end - start != document.pages,
            )
            for document, start, end in zip(documents, starts, ends, strict=True)
        ),
    )


_FIRST = 2
"""A document never starts before the second page: the cover has one at least."""


def _counted(dossier: Dossier, documents: Sequence[SealedDocument]) -> list[int]:
    starts = []
    start = dossier.pages + 1
    for document in reversed(documents):
        start -= document.pages
        starts.append(start)
    return starts[::-1]
