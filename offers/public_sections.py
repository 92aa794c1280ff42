"""The sections of an offer's public page: its text, with each criterion under the sentence from which it comes.

Every word of the published text is kept, once and in its order. A criterion is described only if the description has a
word that its sentence lacks, such as a number of months; in English that is every criterion.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from intake.base.folding import fold

from .blocks import Block, BulletList, parse_blocks
from .criterion_labels import CriterionDescription
from .models import Section
from .page.lines import sentences_of


@dataclass(frozen=True, slots=True)
class PublicSection:
    """One section as the page shows it; criteria are notes of its items and paragraphs.

    `introduces_criteria` is true for the first section with criteria, `ends_criteria` for the last one, if no criterion
    remains to be listed after it.
    """

    position: int
    title: str
    blocks: tuple[Block, ...]
    introduces_criteria: bool = False
    ends_criteria: bool = False

    @property
    def anchor(self) -> str:
        """The id of the section's title, for links."""
        return f"section-{self.position}"


class _Place(NamedTuple):
    """Indices of a section, of its block, and of the item in the block, 0 in a paragraph."""

    section: int
    block: int
    item: int


@dataclass(frozen=True, slots=True)
class _Passage:
    """An item with its nested items, or a paragraph, folded."""

    place: _Place
    text: str
    sentences: frozenset[str]
    is_eligibility: bool

    def has(self, sentence: str) -> bool:
        """True if the passage has a folded sentence; part of a sentence is enough where the conditions are listed."""
        return sentence in (self.text if self.is_eligibility else self.sentences)


def place_criteria(
    sections: Iterable[Section], criteria: Iterable[CriterionDescription]
) -> tuple[list[PublicSection], list[CriterionDescription]]:
    """Return the sections with the criteria at their sentences, and the criteria whose clause is in no section."""
    rows = list(sections)
    parsed = [parse_blocks(row.text) for row in rows]
    passages = sorted(_passages(rows, parsed), key=lambda passage: not passage.is_eligibility)
    notes: defaultdict[_Place, tuple[CriterionDescription, ...]] = defaultdict(tuple)
    placed, others = set(), []
    for criterion in criteria:
        passage = _passage_of(criterion.clause_text, passages)
        if passage is None:
            others.append(criterion)
            continue
        placed.add(passage.place.section)
        if criterion.advisory or not _words(criterion.asks) <= _words(passage.text):
            notes[passage.place] += (criterion,)
    with_criteria = sorted(placed)
    return [
        PublicSection(
            position=row.position,
            title=row.title,
            blocks=tuple(_with_notes(blocks, index, notes)),
            introduces_criteria=with_criteria[:1] == [index],
            ends_criteria=with_criteria[-1:] == [index] and not others,
        )
        for index, (row, blocks) in enumerate(zip(rows, parsed, strict=True))
    ], others


def _passages(rows: Iterable[Section], parsed: Iterable[tuple[Block, ...]]) -> Iterator[_Passage]:
    for section, (row, blocks) in enumerate(zip(rows, parsed, strict=True)):
        for place, block in enumerate(blocks):
            for item, text in enumerate(_texts(block)):
                yield _Passage(
                    _Place(section, place, item),
                    fold(text),
                    frozenset(map(_folded_sentence, sentences_of(text))),
                    row.kind == Section.Kind.ELIGIBILITY,
                )


def _texts(block: Block) -> list[str]:
    if isinstance(block, BulletList):
        return [" ".join(nested.text for nested in BulletList((item,)).walk()) for item in block.items]
    return [" ".join(block.lines)]


def _folded_sentence(text: str) -> str:
    return fold(text).strip(" .;:,")


def _passage_of(clause: str, passages: list[_Passage]) -> _Passage | None:
    """Return the passage of the last sentence of a clause; None unless each of its sentences is in a passage."""
    found = None
    for sentence in map(_folded_sentence, sentences_of(clause)):
        found = next((passage for passage in passages if sentence and passage.has(sentence)), None)
        if found is None:
            return None
    return found


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", fold(text)))


def _with_notes(
    blocks: Iterable[Block], section: int, notes: Mapping[_Place, tuple[CriterionDescription, ...]]
) -> Iterator[Block]:
    for place, block in enumerate(blocks):
        if isinstance(block, BulletList):
            yield BulletList(
                tuple(
                    replace(item, notes=notes.get(_Place(section, place, rank), ()))
                    for rank, item in enumerate(block.items)
                )
            )
        else:
            yield replace(block, notes=notes.get(_Place(section, place, 0), ()))
