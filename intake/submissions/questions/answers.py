"""A draft's stored answers: those that are readable, and the facts in them. Pure.

Values that are not in the shape that the forms store are dropped: an older version of the code may have written the
draft. It must still open and be filed, so an unreadable value counts as a missing answer, and a missing answer is a
missing fact.
"""

from collections.abc import Mapping
from typing import Any, Final

from eligibility import Facts
from eligibility.codec import facts_from_json
from intake.profiles.question_kinds import Day

from .forms import WRITING_PREFIX
from .offer_questions import GRID, QUESTIONS
from .study_forms import EVALUATED_STUDY_KEYS, MAX_STUDIES, STUDY, STUDY_DAYS, StudiesForm

_DAY: Final = Day()
EMPTY_VALUES: Final[tuple[Any, ...]] = (None, "", [], {})
"""Values of an answer that was not given."""
UNREADABLE: Final = "unreadable"
"""Key, among a draft's answers, of the texts that its forms could not read, as typed: by section, then by field name.
They are shown again with their error, on any device. A section that has one is not complete."""

PAGES: Final = "pages"
"""Key, among a draft's answers, of the page that saved each part of a section last (`drafts.answer_merge.Page`)."""

CONFLICTS: Final = "conflicts"
"""Key, among a draft's answers, of what a page typed where another one had saved something else, by part: `page`, and
`answers` with that part alone. The candidate chooses between it and the saved answer; until then nothing is filed."""

REVIEW_MESSAGE: Final = "review_message"
"""Key, among a draft's answers, of the text of a review request that was saved while it was typed. It is no answer."""


def unreadable_texts_of(answers: object) -> dict[str, dict[str, str]]:
    """Return the texts in a draft's `answers` that were saved as typed, by section and field name."""
    kept = answers.get(UNREADABLE) if isinstance(answers, Mapping) else None
    sections = kept if isinstance(kept, Mapping) else {}
    return {
        str(key): {str(name): text for name, text in texts.items() if isinstance(text, str)}
        for key, texts in sections.items()
        if isinstance(texts, Mapping) and texts
    }


def clean_answers(answers: object) -> dict[str, Any]:
    """Return the readable part of a draft's `answers`."""
    if not isinstance(answers, Mapping):
        return {}
    return {key: clean for key, value in answers.items() if (clean := _clean_answer(key, value)) is not None}


def _clean_answer(key: str, value: Any) -> Any:
    if key == StudiesForm.ENTRIES:
        studies = value if isinstance(value, list) else None
        return (
            studies and [_clean_study(study) for study in studies if isinstance(study, Mapping)][:MAX_STUDIES]
        )
    if key == GRID:
        texts = value if isinstance(value, Mapping) else {}
        return {number: text for number, text in texts.items() if isinstance(text, str)}
    if key in QUESTIONS:
        return QUESTIONS[key].clean_answer(value)
    return value if isinstance(value, bool if key.startswith(WRITING_PREFIX) else str) else None


def _clean_study(study: Mapping[str, Any]) -> dict[str, Any]:
    """Return one programme with all its keys: an unreadable day is None, any other unreadable answer is empty."""
    texts = {key: question.clean_answer(study.get(key)) or "" for key, question in STUDY.items()}
    return texts | {key: _DAY.clean_answer(study.get(key)) for key in STUDY_DAYS}


_SAME_KEY = tuple(
    key for key, question in QUESTIONS.items() if question.evaluated_by and not key.startswith(WRITING_PREFIX)
)


def facts_json(answers: dict[str, Any], *, register_match: bool | None = None) -> dict[str, Any]:
    """Return the facts in `answers` (a draft's, flat, ISO days) as JSON of `docs/contracts.md`.

    `register_match`: result of the register check of a filing; never part of a draft.
    """
    facts: dict[str, Any] = {key: answers[key] for key in _SAME_KEY if answers.get(key) not in (None, "")}
    if "studies" in answers:
        facts["studies"] = [
            {key: study[key] for key in EVALUATED_STUDY_KEYS if study.get(key) not in (None, "")}
            for study in answers["studies"]
        ]
    writing = {
        key.removeprefix(WRITING_PREFIX): answer
        for key, answer in answers.items()
        if key.startswith(WRITING_PREFIX) and answer is not None
    }
    if writing:
        facts["attests_writing"] = writing
    if register_match is not None:
        facts["register_match"] = register_match
    return facts


def facts_of(answers: dict[str, Any], *, register_match: bool | None = None) -> Facts:
    """Return the facts in `answers`; `register_match` as in `facts_json`.

    :raises eligibility.codec.MalformedError: if an answer is not in its codec's shape. The forms never store one.
    """
    return facts_from_json(facts_json(answers, register_match=register_match))
