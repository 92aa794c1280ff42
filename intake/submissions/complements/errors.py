"""Why a complement cannot be requested."""

from datetime import date, datetime

from intake.submissions.lifecycle.errors import SubmissionError


class OutOfScopeChangeError(SubmissionError):
    """A complement is asked for, nothing else may be changed any more, and this was: see `sections` and `documents`.

    The first are keys of groups of questions, the others primary keys of the documents that the offer asks for.
    """

    code = "NOT_ASKED"

    def __init__(self, *, sections: tuple[str, ...] = (), documents: tuple[int, ...] = ()) -> None:
        super().__init__(f"not asked for: sections {sections}, documents {documents}")
        self.sections = sections
        self.documents = documents


class EmptyComplementError(SubmissionError):
    """A complement request asks for neither a document nor a group of questions."""

    code = "NOTHING_ASKED"


class ComplementTooSoonError(SubmissionError):
    """The candidate would be left too little time, or less than they were told: they may get until `earliest` (UTC)."""

    code = "COMPLEMENT_TOO_SOON"

    def __init__(self, *, earliest: datetime) -> None:
        super().__init__(f"a complement may be asked for until {earliest}, or later")
        self.earliest = earliest


class ComplementTooLateError(SubmissionError):
    """The stage would have started by then: it does on the day `starts_on`."""

    code = "COMPLEMENT_TOO_LATE"

    def __init__(self, *, starts_on: date) -> None:
        super().__init__(f"the stage starts on {starts_on}")
        self.starts_on = starts_on
