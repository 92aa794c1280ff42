"""Errors of complement requests and of changes outside their scope."""

from datetime import date, datetime

from intake.submissions.lifecycle.errors import SubmissionError


class OutOfScopeChangeError(SubmissionError):
    """Only a complement may still be filed, and something outside its scope was changed.

    `sections`: keys of draft sections. `documents`: primary keys of document requests.
    """

    code = "NOT_ASKED"

    def __init__(self, *, sections: tuple[str, ...] = (), documents: tuple[int, ...] = ()) -> None:
        super().__init__(f"not asked for: sections {sections}, documents {documents}")
        self.sections = sections
        self.documents = documents


class EmptyComplementError(SubmissionError):
    """The complement request names neither a document nor a section."""

    code = "NOTHING_ASKED"


class ComplementTooSoonError(SubmissionError):
    """The due date leaves too little time, or is earlier than the current one. `earliest`: first possible one (UTC)."""

    code = "COMPLEMENT_TOO_SOON"

    def __init__(self, *, earliest: datetime) -> None:
        super().__init__(f"a complement may be asked for until {earliest}, or later")
        self.earliest = earliest


class ComplementTooLateError(SubmissionError):
    """The due day is not before `starts_on`, the day on which the stage starts."""

    code = "COMPLEMENT_TOO_LATE"

    def __init__(self, *, starts_on: date) -> None:
        super().__init__(f"the stage starts on {starts_on}")
        self.starts_on = starts_on
