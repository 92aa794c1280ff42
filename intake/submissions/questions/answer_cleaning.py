"""Cleaning of a draft's answers: values that are not in the shape that the forms store are dropped. Pure.

An older version of the code may have written the draft. It must still open and be filed, so an unreadable value counts
as a missing answer.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from intake.profiles.answers import DAYS, YES_NO
from intake.profiles.models import LegalStatus, Province

from .forms import LANGUAGE_CHOICES
from .offer_questions import GRID, LANGUAGE_LEVELS, WRITING_PREFIX
from .study_forms import LEVELS, MAX_STUDIES, STATES, StudiesForm

_YES_NO: Final = YES_NO | {"bar_school", "professional_order_stage", "attests_skills", "past_participant"}
_CODES: Final[Mapping[str, frozenset[str]]] = {
    "province": frozenset(Province.values),
    "domicile_province": frozenset(Province.values),
    "legal_status": frozenset(LegalStatus.values),
    "level": frozenset(code for code, _name in LEVELS),
    "state": frozenset(code for code, _name in STATES),
    **dict.fromkeys(LANGUAGE_LEVELS, frozenset(code for code, _name in LANGUAGE_CHOICES)),
}
_STUDY: Final = ("level", "field_of_study", "institution", "state", "completed_on", "expected_on")
_STUDY_DAYS: Final = frozenset({"completed_on", "expected_on"})


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
    if key in _YES_NO or key.startswith(WRITING_PREFIX):
        return value if isinstance(value, bool) else None
    if not isinstance(value, str):
        return None
    if key in DAYS | _STUDY_DAYS:
        return value if _is_day(value) else None
    return value if value in _CODES.get(key, (value,)) else None


def _clean_study(study: Mapping[str, Any]) -> dict[str, Any]:
    """Return one programme with all its keys: an unreadable day is None, any other unreadable answer is empty."""
    return {key: _clean_answer(key, study.get(key)) or (None if key in _STUDY_DAYS else "") for key in _STUDY}


def _is_day(text: str) -> bool:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return text == day.isoformat()  # only YYYY-MM-DD: digests depend on the text
