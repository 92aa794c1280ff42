"""Why a personal extension cannot be given."""

from datetime import datetime

from intake.submissions.lifecycle.errors import SubmissionError


class SelfExtensionError(SubmissionError):
    """Nobody gives themselves more time to file."""

    code = "OWN_EXTENSION"


class StaleExtensionError(SubmissionError):
    """The person's closing changed since the author read it: it is `closes_at`, an exclusive instant (UTC)."""

    code = "EXTENDED_MEANWHILE"

    def __init__(self, *, closes_at: datetime) -> None:
        super().__init__(f"the person may file until {closes_at}")
        self.closes_at = closes_at
