"""Convert a draft's answers to facts. A missing answer stays missing."""

from typing import Any

from eligibility import Facts
from eligibility.codec import facts_from_json

from .forms import WRITING_PREFIX
from .offer_questions import QUESTIONS
from .study_forms import EVALUATED_STUDY_KEYS

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
