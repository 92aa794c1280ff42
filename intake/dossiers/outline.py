"""Outline of a dossier: maps its pages to the pages of the filed documents. Only this module computes it."""

from collections.abc import Sequence
from dataclasses import dataclass

from .models import Dossier
from .sealed_payload import SealedDocument

_FIRST = 2
"""First page on which a document can start, from 1: the cover has at least one page."""


@dataclass(frozen=True, slots=True)
class OutlinePart:
    """One document of a dossier. `start` is its first page in the dossier, from 1; `pages` its pages there."""

    label: str
    start: int
    pages: int
    replaced: bool
    """True if the document could not be read: one page in the dossier states it instead."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A dossier in order: `cover` pages of cover, verdict and answers, then each document."""

    cover: int
    parts: tuple[OutlinePart, ...]

    @property
    def replaced(self) -> int:
        """Number of documents that are replaced by a page."""
        return sum(part.replaced for part in self.parts)


def outline_of(dossier: Dossier, documents: Sequence[SealedDocument]) -> Outline | None:
    """Return the place of each of the sealed `documents` in their `dossier`. None if it cannot be computed.

    If `dossier.starts` is empty (older rows), the starts are computed from the end of the dossier by the sealed page
    counts. That is correct unless a document was replaced.
    """
    starts = dossier.starts or [
        dossier.pages + 1 - sum(document.pages for document in documents[rank:])
        for rank in range(len(documents))
    ]
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
