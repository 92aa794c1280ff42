"""Why a draft cannot be filed."""

from eligibility import Verdict
from intake.submissions.lifecycle.errors import SubmissionError


class ComplementChangedError(SubmissionError):
    """Another complement is asked for than the one that the person read: nothing is filed before they read it."""

    code = "COMPLEMENT_CHANGED"


class IncompleteError(SubmissionError):
    """Answers or documents are missing: `sections` and `documents` name them."""

    code = "INCOMPLETE"

    def __init__(self, *, sections: tuple[str, ...], documents: tuple[str, ...]) -> None:
        super().__init__(f"missing sections {sections}, documents {documents}")
        self.sections = sections
        self.documents = documents


class NotEligibleError(SubmissionError):
    """The verdict does not allow filing: INELIGIBLE, or INCOMPLETE by an answer the rules need."""

    code = "NOT_ELIGIBLE"

    def __init__(self, *, verdict: Verdict) -> None:
        super().__init__(f"the verdict is {verdict.outcome}")
        self.verdict = verdict


class DeclarationMissingError(SubmissionError):
    """A declaration was not accepted: `missing` holds their keys."""

    code = "DECLARATION_MISSING"

    def __init__(self, *, missing: tuple[str, ...]) -> None:
        super().__init__(f"not accepted: {missing}")
        self.missing = missing
