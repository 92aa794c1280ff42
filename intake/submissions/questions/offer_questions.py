"""Questions that an offer asks: those that its criteria and its grid need, and name and contact details. No others."""

from collections.abc import Mapping
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
from intake.profiles.forms import ProfileForm
from intake.profiles.questions import Question, declared_questions

from .forms import WRITING_PREFIX, AttestationsForm, LanguagesForm
from .study_forms import StudiesForm

ALWAYS: Final = frozenset(
    {"first_name", "last_name", "phone", "address_line", "city", "province", "postal_code"}
)
"""Keys of name and contact details, which every offer asks for."""

GRID: Final = "grid"
"""Key of the answers to the grid lines: an object, by line number."""

QUESTIONS: Final[Mapping[str, Question]] = {
    key: question
    for form in (ProfileForm, StudiesForm, LanguagesForm, AttestationsForm)
    for key, question in declared_questions(form).items()
}
"""Each question of a draft by its key. Not in it: programmes of study, grid lines, and writing in other languages."""


@dataclass(frozen=True, slots=True)
class GridQuestion:
    """One grid line as a question, with the offer's text. `number` is its key among the answers."""

    number: int
    text: str
    required: bool
    """True for REQUIRED; an answer to an ASSET line is optional."""


@dataclass(frozen=True, slots=True)
class OfferQuestions:
    """What determines an offer's questions: its criteria, and its grid lines in order."""

    rulebook: Rulebook
    lines: tuple[GridQuestion, ...] = ()


def questions_of(criterion: Criterion) -> frozenset[str]:
    """Return the keys of the answers that `criterion` evaluates; empty if only a person can evaluate it.

    Criteria with effect ADVISE count too: without the answer, their finding would advise nothing.
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
    # The register distinguishes persons of the same name by birth date.
    OnceOnly: frozenset({"past_participant", "birth_date"}),
}


def required_questions(rulebook: Rulebook) -> frozenset[str]:
    """Return the keys of all the answers that a submission under `rulebook` needs, without the grid."""
    judged = ALWAYS.union(*(questions_of(criterion) for criterion in rulebook.criteria))
    if any(isinstance(criterion, Writing) for criterion in rulebook.criteria):
        return judged | LanguagesForm.answer_keys()
    return judged
