"""Questions that an offer asks: those that its criteria and its grid need, and name and contact details. No others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eligibility import Rulebook
from eligibility.criteria.attestations import Writing
from eligibility.criteria.base import Criterion
from eligibility.criteria.studies import Studies
from intake.profiles.forms import ProfileForm
from intake.profiles.question_kinds import Question, declared_questions

from .forms import WRITING_PREFIX, AttestationsForm, LanguagesForm
from .study_forms import StudiesForm

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


def is_line(key: str) -> bool:
    """True if `key` is that of a displayed answer to a grid line: its question is in the offer's language."""
    return key.startswith(f"{GRID}.")


def questions_of(criterion: Criterion) -> frozenset[str]:
    """Return the keys of the answers that `criterion` evaluates; empty if only a person can evaluate it.

    Criteria with effect ADVISE count too: without the answer, their finding would advise nothing.
    """
    if isinstance(criterion, Writing):
        return frozenset(f"{WRITING_PREFIX}{language}" for language in criterion.languages)
    # A parameter named as a question, such as `bar_school` of STUDIES, says whether the offer asks it.
    asked = frozenset(
        key
        for key, question in QUESTIONS.items()
        if type(criterion) in question.evaluated_by and getattr(criterion, key, True)
    )
    return asked | {StudiesForm.ENTRIES} if isinstance(criterion, Studies) else asked


def required_questions(rulebook: Rulebook) -> frozenset[str]:
    """Return the keys of all the answers that a submission under `rulebook` needs, without the grid."""
    kinds = {type(criterion) for criterion in rulebook.criteria}
    others = frozenset(
        key
        for key, question in QUESTIONS.items()
        if kinds.intersection(question.asked_with) or not (question.asked_with or question.evaluated_by)
    )
    return others.union(*(questions_of(criterion) for criterion in rulebook.criteria))
