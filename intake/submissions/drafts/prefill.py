"""What one application gives the next: what the person would otherwise type again, and that holds for any offer."""

from typing import Any, Final

from intake.accounts.models import User
from intake.submissions.models import Draft, Submission
from intake.submissions.questions.answer_cleaning import clean_answers
from intake.submissions.questions.offer_questions import LANGUAGE_LEVELS, OTHER_LANGUAGES
from intake.submissions.questions.study_forms import StudiesForm

PREFILLED_KEYS: Final = StudiesForm.answer_keys() | {*LANGUAGE_LEVELS, OTHER_LANGUAGES}
"""Studies and languages. What was said of an offer's own lines, and what was attested for it, is said of it alone."""


def prefilled_answers(candidate: User, *, to: Submission) -> dict[str, Any]:
    """Return what the candidate's latest application but `to` says that holds for any offer; nothing without one."""
    latest = (
        Draft.objects.filter(submission__candidate=candidate)
        .exclude(submission=to)
        .order_by("-saved_at", "-pk")
        .values_list("answers", flat=True)
        .first()
    )
    return {key: value for key, value in clean_answers(latest).items() if key in PREFILLED_KEYS}
