"""Errors of filing a draft."""

from eligibility import Verdict
from intake.submissions.lifecycle.errors import SubmissionError


class ComplementChangedError(SubmissionError):
    """The open complement request is not the one that the page displayed. Nothing is filed."""

    code = "COMPLEMENT_CHANGED"


class IncompleteError(SubmissionError):
    """Answers or documents are missing: `sections` has section keys, `documents` document kinds."""

    code = "INCOMPLETE"

    def __init__(self, *, sections: tuple[str, ...], documents: tuple[str, ...]) -> None:
        self.sections = sections
        self.documents = documents


class NotEligibleError(SubmissionError):
    """The verdict does not allow filing: INELIGIBLE without a review request, or INCOMPLETE."""

    code = "NOT_ELIGIBLE"

    def __init__(self, *, verdict: Verdict) -> None:
        self.verdict = verdict


class DeclarationMissingError(SubmissionError):
    """At least one declaration was not accepted: `missing` has the keys."""

    code = "DECLARATION_MISSING"

    def __init__(self, *, missing: tuple[str, ...]) -> None:
        self.missing = missing
