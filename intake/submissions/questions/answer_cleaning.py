"""Cleaning of a draft's answers: values that are not in the shape that the forms store are dropped. Pure.

An older version of the code may have written the draft. It must still open and be filed, so an unreadable value counts
as a missing answer.
"""

from collections.abc import Mapping
from typing import Any, Final

from intake.profiles.question_kinds import Day

from .forms import WRITING_PREFIX
from .offer_questions import GRID, QUESTIONS
from .study_forms import MAX_STUDIES, STUDY, STUDY_DAYS, StudiesForm

_DAY: Final = Day()


def clean_answers(answers: object) -> dict[str, Any]:
    """Return the readable part of a draft's `answers`."""
    if not isinstance(answers, Mapping):
        return {}
    return {key: sound for key, value in answers.items() if (sound := _clean_answer(key, value)) is not None}


def _clean_answer(key: str, value: Any) -> Any:
    """Return the valid part of the answer, or None."""
    if key == StudiesForm.ENTRIES:
        studies = value if isinstance(value, list) else None
        return (
            studies and [_clean_study(study) for study in studies if isinstance(study, Mapping)][:MAX_STUDIES]
        )
    if key == GRID:
        said = value if isinstance(value, Mapping) else {}
        return {number: text for number, text in said.items() if isinstance(text, str)}
    if key in QUESTIONS:
        return QUESTIONS[key].clean_answer(value)
    return value if isinstance(value, bool if key.startswith(WRITING_PREFIX) else str) else None


def _clean_study(study: Mapping[str, Any]) -> dict[str, Any]:
    """Return one programme with all its keys: an unreadable day is None, any other unreadable answer is empty."""
    said = {key: question.clean_answer(study.get(key)) or "" for key, question in STUDY.items()}
    return said | {key: _DAY.clean_answer(study.get(key)) for key in STUDY_DAYS}
