"""Edit conflicts: differences between the saved answers and those posted by another tab."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intake.submissions.questions.answer_display import answered_sections
from intake.submissions.questions.sections import Section


@dataclass(frozen=True, slots=True)
class EditConflict:
    """One question that two tabs answer differently, as text; empty means no answer."""

    label: str
    saved: str
    typed: str


def edit_conflicts(section: Section, saved: object, typed: Mapping[str, Any]) -> list[EditConflict]:
    """Return the questions of `section` that `saved` (a draft's answers) and `typed` answer differently, in order."""
    (before,), (after,) = answered_sections((section,), saved), answered_sections((section,), typed)
    there, here = ({answer.key: answer for answer in side.answers} for side in (before, after))
    rows = [
        EditConflict(label=answer.label, saved=_value(there.get(key)), typed=_value(here.get(key)))
        for key, answer in (there | here).items()
    ]
    return [row for row in rows if row.saved != row.typed]


def _value(answer: Any) -> str:
    return answer.value if answer else ""
