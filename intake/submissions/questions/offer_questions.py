"""Which questions an offer asks: what its criteria and its grid need, who the person is and how to reach them.

Nothing more.
"""

from dataclasses import dataclass
from typing import Final

from eligibility import Rulebook
from eligibility.criteria import (
    Age,
    Criterion,
    Domicile,
    LegalStatusCriterion,
    OnceOnly,
    Residence,
    Skills,
    Studies,
    Writing,
)

ALWAYS: Final = frozenset(
    {"first_name", "last_name", "phone", "address_line", "city", "province", "postal_code"}
)
"""The answers without which nobody can be named or answered, whatever the offer asks."""

WRITING_PREFIX: Final = "attests_writing_"
"""Followed by the code of a language, the answer about writing in it."""

GRID: Final = "grid"
"""The answer that holds what the person wrote about each line of the offer's grid, by the line's number."""

LANGUAGE_LEVELS: Final = tuple(
    f"language_{code}_{use}" for code in ("fr", "en") for use in ("read", "spoken", "written")
)
"""How well the person reads, speaks and writes French and English: told to the committee, judged by no rule."""
OTHER_LANGUAGES: Final = "other_languages"


@dataclass(frozen=True, slots=True)
class GridQuestion:
    """One thing that the offer looks for in a person, in its own words. `number` names it among the answers."""

    number: int
    text: str
    required: bool
    """The offer asks for it; otherwise it would be glad of it, and one may say nothing of it."""


@dataclass(frozen=True, slots=True)
class OfferQuestions:
    """All by which an offer decides what its candidates are asked: its criteria, and the lines of its grid in order."""

    rulebook: Rulebook
    lines: tuple[GridQuestion, ...] = ()


def questions_of(criterion: Criterion) -> frozenset[str]:
    """Return the keys of the answers that `criterion` judges; none when only a person can judge it.

    Advice is asked for as well as what blocks: a finding without its answer would advise nothing.
    """
    match criterion:
        case Studies():
            branches = {"bar_school", "professional_order_stage"}
            return frozenset({"studies"} | {branch for branch in branches if getattr(criterion, branch)})
        case Writing():
            return frozenset(f"{WRITING_PREFIX}{language}" for language in criterion.languages)
        case _:
            return _QUESTIONS.get(type(criterion), frozenset())


_QUESTIONS: dict[type[Criterion], frozenset[str]] = {
    Age: frozenset({"birth_date"}),
    LegalStatusCriterion: frozenset({"legal_status"}),
    Domicile: frozenset({"domicile_province"}),
    Residence: frozenset({"quebec_resident_since", "resident_for_health_insurance", "resident_for_tax"}),
    Skills: frozenset({"attests_skills"}),
    # The register of past participants tells people of the same name apart by the day they were born.
    OnceOnly: frozenset({"past_participant", "birth_date"}),
}


def required_questions(rulebook: Rulebook) -> frozenset[str]:
    """Return the keys of all the answers that an application under `rulebook` needs, the offer's grid aside."""
    judged = ALWAYS.union(*(questions_of(criterion) for criterion in rulebook.criteria))
    if any(isinstance(criterion, Writing) for criterion in rulebook.criteria):
        return judged | {*LANGUAGE_LEVELS, OTHER_LANGUAGES}
    return judged
