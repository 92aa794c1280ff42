"""Errors of personal extensions."""

from datetime import datetime

from intake.submissions.lifecycle.errors import SubmissionError


class SelfExtensionError(SubmissionError):
    """The author is the candidate."""

    code = "OWN_EXTENSION"


class StaleExtensionError(SubmissionError):
    """The candidate's closing changed after the author read it. `closes_at`: the current one, exclusive (UTC)."""

    code = "EXTENDED_MEANWHILE"

    def __init__(self, *, closes_at: datetime) -> None:
        super().__init__(f"the person may file until {closes_at}")
        self.closes_at = closes_at
