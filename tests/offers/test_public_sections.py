"""The text of an offer's page: all of it, once and in its order, with each criterion at its sentence."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offers.blocks import parse_blocks
from offers.criterion_labels import CriterionDescription
from offers.models import Section
from offers.public_sections import PublicSection, place_criteria

AGE = "Avoir au moins 18 ans au début du stage."
LIMIT = "Avoir au plus 35 ans au début du stage."
LIST = f"Vous devez :\n\n• Être domicilié(e) au Québec.\n• Avoir un diplôme :\n  • récent.\n\n{AGE} {LIMIT}"


def criterion(clause: str, *, asks: str = "12 mois", advisory: bool = False) -> CriterionDescription:
    return CriterionDescription("Nom", asks, clause, "", advisory)


def section(text: str, *, position: int = 1, kind: str = "ELIGIBILITY") -> Section:
    return Section(position=position, title=f"Titre {position}", kind=kind, text=text)


def notes_of(shown: PublicSection) -> list[tuple[str, int]]:
    """Return the start of each item and paragraph that has notes, with their number."""
    found: list[tuple[Any, Any]] = []
    for block in shown.blocks:
        if block.is_list:
            found += [(item.text, item.notes) for item in block.items]  # type: ignore[union-attr]  # -- a list
        else:
            found.append((block.lines[0], block.notes))  # type: ignore[union-attr]  # -- a paragraph
    return [(text[:12], len(notes)) for text, notes in found if notes]


@pytest.mark.parametrize(
    "clause, place",
    [
        ("Être domicilié(e) au Québec.", "Être domicil"),
        ("etre domicilie(e) au quebec", "Être domicil"),
        ("Avoir un diplôme : récent.", "Avoir un dip"),
        (f"{AGE} {LIMIT}", "Avoir au moi"),
        (LIMIT, "Avoir au moi"),
    ],
)
def test_a_criterion_is_placed_at_its_sentence(clause: str, place: str) -> None:
    [shown], others = place_criteria([section(LIST)], [criterion(clause)])
    assert (notes_of(shown), others) == ([(place, 1)], [])
    assert (shown.introduces_criteria, shown.ends_criteria) == (True, True)


@pytest.mark.parametrize("clause", ["", "Savoir nager.", f"{AGE} Savoir nager.", "…", "."])
def test_a_criterion_without_its_sentence_remains_after_the_text(clause: str) -> None:
    left = criterion(clause)
    [shown], others = place_criteria([section(LIST)], [left, criterion(AGE)])
    assert others == [left]
    assert (shown.introduces_criteria, shown.ends_criteria) == (True, False)


def test_the_section_of_the_conditions_comes_before_other_sections() -> None:
    sections = [section(AGE, kind="OTHER"), section(AGE, position=2), section("Autre.", position=3)]
    shown, _others = place_criteria(sections, [criterion(AGE)])
    assert [notes_of(one) for one in shown] == [[], [("Avoir au moi", 1)], []]


def test_part_of_a_sentence_is_enough_only_among_the_conditions() -> None:
    for kind, count in (("ELIGIBILITY", 0), ("MANDATE", 1)):
        _shown, others = place_criteria([section(AGE, kind=kind)], [criterion("18 ans")])
        assert len(others) == count


def test_a_description_that_only_repeats_its_sentence_is_left_out() -> None:
    rows = [criterion(AGE, asks="18 ans"), criterion(AGE, asks="18 ans", advisory=True), criterion(AGE)]
    [shown], others = place_criteria([section(AGE)], rows)
    assert shown.blocks[0].notes == (rows[1], rows[2])  # type: ignore[union-attr]  # -- a paragraph
    assert others == []


def _without_notes(shown: PublicSection) -> str:
    return repr(shown.blocks).replace(repr((criterion(AGE),)), "()")


@given(st.text(max_size=120))
def test_criteria_change_no_word_of_the_text(text: str) -> None:
    [shown], _others = place_criteria([section(f"{text}\n\n{AGE}")], [criterion(AGE)])
    assert _without_notes(shown) == repr(parse_blocks(f"{text}\n\n{AGE}"))
