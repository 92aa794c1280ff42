"""Answers on their way from the check to an application: signed, for one offer, for two hours; nothing is kept here.

They travel in the body of a form, never in an address: addresses are written in logs.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.core import signing

from eligibility.codec import MalformedError
from intake.submissions.questions.facts import facts_of

LIFETIME: Final = timedelta(hours=2)
_SALT: Final = "intake.submissions.carrying"


class InvalidSignedAnswers(Exception):
    """The answers did not arrive. `answers` holds what may be kept all the same: to be read again, then sent again."""

    def __init__(self, answers: Mapping[str, Any] | None = None) -> None:
        super().__init__("the answers did not arrive")
        self.answers = dict(answers or {})

    @property
    def came_too_late(self) -> bool:
        """Whether they are whole but older than their life; else they are not ours, or another offer's."""
        return bool(self.answers)


def sign_answers(answers: Mapping[str, Any], *, number: str) -> str:
    """Return `answers` (as a draft keeps them) to offer `number`, signed, in letters that a form field can hold."""
    return signing.dumps({"number": number, "answers": dict(answers)}, salt=_SALT, compress=True)


def read_signed_answers(packed: str, *, number: str) -> dict[str, Any]:
    """Return the answers that `pack_answers` packed for offer `number`.

    :raises AnswersNotCarried: they are too old, were changed, or belong to another offer.
    """
    try:
        return _checked_answers(signing.loads(packed, salt=_SALT, max_age=LIFETIME), number)
    except signing.SignatureExpired:
        # Ours, only old: who went for coffee finds them in the form again.
        raise InvalidSignedAnswers(_checked_answers(signing.loads(packed, salt=_SALT), number)) from None
    except signing.BadSignature:
        raise InvalidSignedAnswers from None


def _checked_answers(packed: Any, number: str) -> dict[str, Any]:
    if packed["number"] != number:
        raise InvalidSignedAnswers
    answers: dict[str, Any] = packed["answers"]
    try:
        facts_of(answers)
    except MalformedError:
        raise InvalidSignedAnswers from None  # signed by an older version of the forms
    return answers
