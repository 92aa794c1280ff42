"""Parser of the eligibility section: each sentence becomes a criterion, of kind OTHER if it is not understood."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from offers.blocks import BulletList, Item
from offers.page import titles
from offers.page.lines import fold, squash
from offers.page.parts import CriterionJSON, Point
from offers.page.sections import Part, paragraphs_of
from offers.page.sentences import sentences_of

from .age import NO_LEAST, NO_MOST, read_age
from .attestations import read_once_only, read_skills, read_writing
from .legal_status import read_domicile, read_legal_status, read_residence
from .sentence import ParsedCriterion, Sentence
from .studies import read_studies

_READERS = (
    read_legal_status,
    read_studies,
    read_residence,
    read_domicile,
    read_writing,
    read_once_only,
    read_skills,
    read_age,
)
_NOTE = re.compile(r"^(?:notes?|n\.? ?b\.?|important|remarque|a noter)\b")
_MAX_SENTENCE_LENGTH = 2000  # characters; the programme's longest has about 300
# An announcement of the conditions with any other word may change them: « au moins trois des suivantes ».
_ANNOUNCING = frozenset(
    (
        *("a", "admissibilite", "admissible", "admissibles", "afin", "assurez-vous", "au", "aux"),
        *("candidat", "candidate", "candidates", "candidats", "candidature", "ces", "chacun", "chacune"),
        *("ci-dessous", "conditions", "criteres", "d", "de", "des", "devez", "doit"),
        *("doivent", "en", "est", "et", "etre", "exigences", "faut", "il"),
        *("l", "la", "le", "les", "obligatoirement", "on", "personne", "personnes"),
        *("poser", "posez", "postuler", "pour", "programme", "remplir", "repondre", "respecter"),
        *("satisfaire", "sont", "stage", "suivantes", "suivants", "tous", "toutes", "voici"),
        *("votre", "vous"),
    )
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """The text of a bullet or a paragraph, and its place as a reference."""

    reference: str
    text: str


def read_criteria(parts: Iterable[Part], points: list[Point]) -> tuple[CriterionJSON, ...]:
    """Return the criteria in the order of the page; sentences not understood completely also become points."""
    parts = list(parts)
    found = _ParsedCriteria(points)
    for piece in _pieces(parts):
        found.add(piece)
    if not found.has("ONCE_ONLY"):
        found.add_notes(_other_pieces(parts))
    if not found.has("ONCE_ONLY"):
        points.append(Point("ONCE_ONLY_MISSING"))
    return found.criteria()


def _pieces(parts: Iterable[Part]) -> Iterator[_Piece]:
    """Yield each bullet and paragraph that states who may apply.

    References number the bullets, or the paragraphs of a section without bullets; notes have no number.
    """
    counts: dict[str, int] = {}
    for part in parts:
        if not part.says_who_may_apply:
            continue
        has_lists = any(block.is_list for block in part.blocks)
        for block in part.blocks:
            texts = (
                [_whole(item) for item in block.items]
                if isinstance(block, BulletList)
                else paragraphs_of(block)
            )
            for text in texts:
                if not isinstance(block, BulletList):
                    if _is_announcement(text):
                        continue
                    if part.kind != titles.ELIGIBILITY or _NOTE.match(fold(text)):
                        yield _Piece("Note", text)
                        continue
                    if has_lists:
                        yield _Piece(part.title, text)
                        continue
                counts[part.title] = counts.get(part.title, 0) + 1
                yield _Piece(f"{part.title}, {counts[part.title]}", text)


def _other_pieces(parts: Iterable[Part]) -> Iterator[_Piece]:
    """Yield each bullet and paragraph of the other sections: the ONCE_ONLY note may be in any of them."""
    for part in parts:
        if part.says_who_may_apply:
            continue
        for block in part.blocks:
            texts = (
                [_whole(item) for item in block.items]
                if isinstance(block, BulletList)
                else paragraphs_of(block)
            )
            yield from (_Piece(part.title or "Note", text) for text in texts)


def _whole(item: Item) -> str:
    """Return an item and its nested items as one sentence."""
    return " ".join([item.text, *(_whole(child) for child in item.children)])


def _is_announcement(text: str) -> bool:
    folded = squash(fold(text))
    return folded.endswith(":") and set(re.findall(r"[^\W_]+(?:-[^\W_]+)*", folded)) <= _ANNOUNCING


class _ParsedCriteria:
    """The criteria found so far, and the points about them."""

    def __init__(self, points: list[Point]) -> None:
        self._points = points
        self._criteria: list[dict[str, Any]] = []

    def has(self, kind: str) -> bool:
        return any(criterion["kind"] == kind for criterion in self._criteria)

    def add(self, piece: _Piece) -> None:
        """Add the criteria of a piece, by sentence; consecutive sentences not understood become one criterion."""
        unread: list[str] = []
        for text in sentences_of(piece.text):
            readings = _parse_sentence(text)
            if readings is None:
                unread.append(text)
                continue
            self._add_unread(piece, unread)
            for reading in readings.readings:
                self._add_read(replace(piece, text=text), reading, is_whole=readings.is_whole)
        self._add_unread(piece, unread)

    def add_notes(self, pieces: Iterable[_Piece]) -> None:
        """Add the first sentence that only states ONCE_ONLY and is completely understood."""
        for piece in pieces:
            for text in sentences_of(piece.text):
                readings = _parse_sentence(text)
                if (
                    readings
                    and readings.is_whole
                    and [one.kind for one in readings.readings] == ["ONCE_ONLY"]
                ):
                    self._add_read(replace(piece, text=text), readings.readings[0], is_whole=True)
                    return

    def criteria(self) -> tuple[CriterionJSON, ...]:
        for criterion in self._criteria:
            if criterion["kind"] == "AGE" and (
                criterion["minimum"] == NO_LEAST or criterion["maximum"] == NO_MOST
            ):
                self._points.append(Point("AGE_BOUND_MISSING", criterion["clause"]["text"]))
        return tuple(self._criteria)

    def _add_read(self, piece: _Piece, reading: ParsedCriterion, *, is_whole: bool) -> None:
        if self._completes_age(piece, reading):
            return
        if self.has(reading.kind):
            self._points.append(Point("CRITERION_REPEATED", piece.text))
            self._add_other(piece)
            return
        if not is_whole:
            self._points.append(Point("CRITERION_PARTLY_READ", piece.text))
        elif reading.assumes:
            self._points.append(Point("CRITERION_ASSUMED", piece.text))
        self._criteria.append(
            {"kind": reading.kind, "effect": "BLOCK", **reading.parameters, "clause": _clause(piece)}
        )

    def _add_unread(self, piece: _Piece, unread: list[str]) -> None:
        if unread:
            text = " ".join(unread)
            self._points.append(Point("CRITERION_NOT_READ", text))
            self._add_other(replace(piece, text=text))
            unread.clear()

    def _add_other(self, piece: _Piece) -> None:
        self._criteria.append({"kind": "OTHER", "effect": "ADVISE", "clause": _clause(piece)})

    def _completes_age(self, piece: _Piece, reading: ParsedCriterion) -> bool:
        """Merge two age bounds from two sentences into one criterion, whose clause quotes both. True if merged."""
        age = next((criterion for criterion in self._criteria if criterion["kind"] == "AGE"), None)
        if age is None or reading.kind != "AGE" or age["on"] != reading.parameters["on"]:
            return False
        low, high = reading.parameters["minimum"], reading.parameters["maximum"]
        if age["maximum"] == NO_MOST and low == NO_LEAST and high >= age["minimum"]:
            age["maximum"] = high
        elif age["minimum"] == NO_LEAST and high == NO_MOST and low <= age["maximum"]:
            age["minimum"] = low
        else:
            return False
        age["clause"] = {
            "reference": f"{age['clause']['reference']} et {piece.reference.rpartition(', ')[2]}",
            "text": f"{age['clause']['text']} {piece.text}",
        }
        return True


def _clause(piece: _Piece) -> dict[str, str]:
    return {"reference": piece.reference, "text": piece.text}


@dataclass(frozen=True, slots=True)
class _SentenceCriteria:
    """The criteria of one sentence, and whether all of it was understood."""

    readings: tuple[ParsedCriterion, ...]
    is_whole: bool


def _parse_sentence(text: str) -> _SentenceCriteria | None:
    """Return the criteria of one sentence; None if it has none, or a meaning that no rule can express."""
    if len(text) > _MAX_SENTENCE_LENGTH:
        return None
    sentence = Sentence(text)
    readings = []
    for read in _READERS:
        reading = read(sentence)
        if reading is not None:
            readings.append(reading)
            sentence.join_alternatives()
        sentence.seal()
    left = sentence.unread_words
    if not readings or sentence.is_qualified or (left and any(reading.forbids for reading in readings)):
        return None
    return _SentenceCriteria(tuple(readings), is_whole=not left)
