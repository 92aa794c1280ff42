"""Parser of the eligibility section: each sentence becomes a criterion, of kind OTHER if it is not understood."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from offers.blocks import Block, BulletList
from offers.page.lines import fold, sentences_of, squash
from offers.page.parts import CriterionJSON, Point
from offers.page.sections import ELIGIBILITY, Part, paragraphs_of

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
_ANNOUNCING = {
    *("a", "admissibilite", "admissible", "admissibles", "afin", "assurez-vous", "au", "aux"),
    *("candidat", "candidate", "candidates", "candidats", "candidature", "ces", "chacun", "chacune"),
    *("ci-dessous", "conditions", "criteres", "d", "de", "des", "devez", "doit"),
    *("doivent", "en", "est", "et", "etre", "exigences", "faut", "il"),
    *("l", "la", "le", "les", "obligatoirement", "on", "personne", "personnes"),
    *("poser", "posez", "postuler", "pour", "programme", "remplir", "repondre", "respecter"),
    *("satisfaire", "sont", "stage", "suivantes", "suivants", "tous", "toutes", "voici"),
    *("votre", "vous"),
}


class _Clause(NamedTuple):
    """The text of a bullet or a paragraph, and its place as a reference."""

    reference: str
    text: str


def read_criteria(parts: Iterable[Part], points: list[Point]) -> tuple[CriterionJSON, ...]:
    """Return the criteria in the order of the page; sentences not understood completely also become points."""
    parts = list(parts)
    parsed = _ParsedCriteria(points)
    for clause in _clauses(parts):
        parsed.add(clause)
    if not parsed.has("ONCE_ONLY"):
        # The note may be in any other section.
        parsed.add_notes(
            _Clause(part.title or "Note", text)
            for part in parts
            if not part.says_who_may_apply
            for block in part.blocks
            for text in _texts_of(block)
        )
    if not parsed.has("ONCE_ONLY"):
        points.append(Point("ONCE_ONLY_MISSING"))
    return parsed.criteria()


def _clauses(parts: Iterable[Part]) -> Iterator[_Clause]:
    """Yield each bullet and paragraph that states who may apply.

    References number the bullets, or the paragraphs of a section without bullets; notes have no number.
    """
    counts: Counter[str] = Counter()
    for part in parts:
        if not part.says_who_may_apply:
            continue
        has_lists = any(block.is_list for block in part.blocks)
        for block in part.blocks:
            for text in _texts_of(block):
                if not block.is_list and _is_announcement(text):
                    continue
                if not block.is_list and (part.kind != ELIGIBILITY or _NOTE.match(fold(text))):
                    yield _Clause("Note", text)
                elif has_lists and not block.is_list:
                    yield _Clause(part.title, text)
                else:
                    counts[part.title] += 1
                    yield _Clause(f"{part.title}, {counts[part.title]}", text)


def _texts_of(block: Block) -> list[str]:
    """Return each paragraph, or each item and its nested items as one sentence."""
    if isinstance(block, BulletList):
        return [" ".join(nested.text for nested in BulletList((item,)).walk()) for item in block.items]
    return paragraphs_of(block)


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

    def add(self, clause: _Clause) -> None:
        """Add the criteria of a clause, by sentence; consecutive sentences not understood become one criterion."""
        unread: list[str] = []
        for text in sentences_of(clause.text):
            readings, is_whole = _parse_sentence(text)
            if not readings:
                unread.append(text)
                continue
            self._add_unread(clause, unread)
            for reading in readings:
                self._add_read(clause._replace(text=text), reading, is_whole=is_whole)
        self._add_unread(clause, unread)

    def add_notes(self, clauses: Iterable[_Clause]) -> None:
        """Add the first sentence that only states ONCE_ONLY and is completely understood."""
        for clause in clauses:
            for text in sentences_of(clause.text):
                readings, is_whole = _parse_sentence(text)
                if is_whole and [reading.kind for reading in readings] == ["ONCE_ONLY"]:
                    self._add_read(clause._replace(text=text), readings[0], is_whole=True)
                    return

    def criteria(self) -> tuple[CriterionJSON, ...]:
        for criterion in self._criteria:
            if criterion["kind"] == "AGE" and (
                criterion["minimum"] == NO_LEAST or criterion["maximum"] == NO_MOST
            ):
                self._points.append(Point("AGE_BOUND_MISSING", criterion["clause"]["text"]))
        return tuple(self._criteria)

    def _add_read(self, clause: _Clause, reading: ParsedCriterion, *, is_whole: bool) -> None:
        if self._completes_age(clause, reading):
            return
        if self.has(reading.kind):
            self._points.append(Point("CRITERION_REPEATED", clause.text))
            self._add_other(clause)
            return
        if not is_whole:
            self._points.append(Point("CRITERION_PARTLY_READ", clause.text))
        elif reading.assumes:
            self._points.append(Point("CRITERION_ASSUMED", clause.text))
        self._criteria.append(
            {"kind": reading.kind, "effect": "BLOCK", **reading.parameters, "clause": clause._asdict()}
        )

    def _add_unread(self, clause: _Clause, unread: list[str]) -> None:
        if unread:
            text = " ".join(unread)
            self._points.append(Point("CRITERION_NOT_READ", text))
            self._add_other(clause._replace(text=text))
            unread.clear()

    def _add_other(self, clause: _Clause) -> None:
        self._criteria.append({"kind": "OTHER", "effect": "ADVISE", "clause": clause._asdict()})

    def _completes_age(self, clause: _Clause, reading: ParsedCriterion) -> bool:
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
            "reference": f"{age['clause']['reference']} et {clause.reference.rpartition(', ')[2]}",
            "text": f"{age['clause']['text']} {clause.text}",
        }
        return True


def _parse_sentence(text: str) -> tuple[list[ParsedCriterion], bool]:
    """Return the criteria of one sentence, and whether all of it was understood.

    There are no criteria if the sentence has none, or a meaning that no rule can express.
    """
    if len(text) > _MAX_SENTENCE_LENGTH:
        return [], False
    sentence = Sentence(text)
    readings = []
    for read in _READERS:
        reading = read(sentence)
        if reading is not None:
            readings.append(reading)
            sentence.join_alternatives()
        sentence.seal()
    unread = sentence.unread_words
    if sentence.is_qualified or (unread and any(reading.forbids for reading in readings)):
        return [], False
    return readings, not unread
