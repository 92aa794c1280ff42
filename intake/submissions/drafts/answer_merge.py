"""Compare and merge answers from elsewhere, such as another tab, with those of a draft. Reads and writes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from intake.submissions.questions.answer_display import answered_sections
from intake.submissions.questions.answers import clean_answers
from intake.submissions.questions.offer_questions import GRID
from intake.submissions.questions.sections import Section
from intake.submissions.questions.study_forms import EVALUATED_STUDY_KEYS, STUDY, StudiesForm

STUDIES = StudiesForm.ENTRIES
_NAME_KEYS = tuple(key for key in STUDY if key not in EVALUATED_STUDY_KEYS)
_EMPTY_VALUES: tuple[Any, ...] = (None, "", [])


def replace_answers(kept: object, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `kept` answers of a draft, updated with `given`.

    Grid lines are updated one by one: the answer to a line that the offer dropped stays.
    """
    answers = {**(kept if isinstance(kept, Mapping) else {}), **given}
    if GRID in given:
        before = clean_answers(kept).get(GRID, {})
        lines = {**before, **given[GRID]}
        answers[GRID] = {number: text for number, text in lines.items() if text}
    return answers


def merge_answers(kept: object, brought: Mapping[str, Any]) -> dict[str, Any]:
    """Return `kept`, updated with `brought`.

    A programme in `brought` without field and institution takes those of a kept programme of the same level, so that
    the candidate need not type them again.
    """
    answers = replace_answers(kept, brought)
    if STUDIES in brought:
        answers[STUDIES] = _with_kept_names(brought[STUDIES], clean_answers(kept).get(STUDIES) or ())
    return answers


def differing_keys(kept: object, brought: Mapping[str, Any]) -> list[str]:
    """Return the keys of `brought` whose answers differ from `kept`, in the order of `brought`."""
    answers = clean_answers(kept)
    return [
        key for key, value in brought.items() if _comparable(key, answers.get(key)) != _comparable(key, value)
    ]


def _comparable(key: str, value: Any) -> Any:
    """Return an answer as the rules evaluate it: programmes sorted and without names; None if empty."""
    if value in _EMPTY_VALUES:
        return None
    if key == STUDIES:
        return sorted([study.get(each) or "" for each in EVALUATED_STUDY_KEYS] for study in value)
    return value


def _with_kept_names(
    brought: Iterable[Mapping[str, Any]], kept: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    left = list(kept)
    named = []
    for study in brought:
        same = [other for other in left if other.get("level") == study.get("level")]
        same.sort(key=lambda other: other.get("state") != study.get("state"))  # in the same state first
        names: dict[str, Any] = {}
        if same:
            left.remove(same[0])
            names = {key: study.get(key) or same[0].get(key) or "" for key in _NAME_KEYS}
        named.append({**study, **names})
    return named


@dataclass(frozen=True, slots=True)
class EditConflict:
    """One question that two tabs answer differently, as text; empty means no answer."""

    label: str
    saved: str
    typed: str


def edit_conflicts(section: Section, saved: object, typed: Mapping[str, Any]) -> list[EditConflict]:
    """Return the questions of `section` that `saved` (a draft's answers) and `typed` answer differently, in order."""
    (before,), (after,) = answered_sections((section,), saved), answered_sections((section,), typed)
    there, here = ({answer.key: answer.value for answer in side.answers} for side in (before, after))
    labels = {answer.key: answer.label for side in (before, after) for answer in side.answers}
    rows = [EditConflict(label, there.get(key, ""), here.get(key, "")) for key, label in labels.items()]
    return [row for row in rows if row.saved != row.typed]
