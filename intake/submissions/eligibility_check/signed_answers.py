"""Signed answers: carry the answers of a check to a draft, for one offer and two hours. Nothing is stored.

They are in the body of a form, never in a URL, because URLs are logged.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.core import signing

from eligibility.codec import MalformedError
from intake.submissions.questions.answers import facts_of

LIFETIME: Final = timedelta(hours=2)
_SALT: Final = "intake.submissions.carrying"


class InvalidSignedAnswers(Exception):
    """The signed answers are expired or invalid. `answers`: the expired ones, which prefill the form, else empty."""

    def __init__(self, answers: Mapping[str, Any] | None = None) -> None:
        super().__init__("the answers did not arrive")
        self.answers = dict(answers or {})

    @property
    def came_too_late(self) -> bool:
        """True if the signature is valid but older than `LIFETIME`. False: changed, or signed for another offer."""
        return bool(self.answers)


def sign_answers(answers: Mapping[str, Any], *, number: str) -> str:
    """Return `answers` (in the shape of a draft's) for offer `number`, signed, as ASCII text for a form field."""
    return signing.dumps({"number": number, "answers": dict(answers)}, salt=_SALT, compress=True)


def read_signed_answers(packed: str, *, number: str) -> dict[str, Any]:
    """Return the answers that `sign_answers` signed for offer `number`.

    :raises InvalidSignedAnswers: if they are expired, changed, or signed for another offer.
    """
    try:
        return _checked_answers(signing.loads(packed, salt=_SALT, max_age=LIFETIME), number)
    except signing.SignatureExpired:
        # The signature is valid but expired: return the answers, so that the form is prefilled.
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
