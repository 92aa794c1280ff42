"""Prefill a draft from the candidate's latest other draft, with answers that are valid for any offer."""

from typing import Any, Final

from intake.accounts.models import User
from intake.submissions.models import Draft, Submission
from intake.submissions.questions.answer_cleaning import clean_answers
from intake.submissions.questions.forms import LanguagesForm
from intake.submissions.questions.study_forms import StudiesForm

PREFILLED_KEYS: Final = StudiesForm.answer_keys() | LanguagesForm.answer_keys()
"""Studies and languages. Answers to grid lines and attestations are specific to their offer."""


def prefilled_answers(candidate: User, *, to: Submission) -> dict[str, Any]:
    """Return the reusable answers of the candidate's latest draft outside `to`; empty if there is none."""
    latest = (
        Draft.objects.filter(submission__candidate=candidate)
        .exclude(submission=to)
        .order_by("-saved_at", "-pk")
        .values_list("answers", flat=True)
        .first()
    )
    return {key: value for key, value in clean_answers(latest).items() if key in PREFILLED_KEYS}
