"""Errors of rulings."""

from intake.submissions.lifecycle.errors import SubmissionError


class RulingNotAllowedError(SubmissionError):
    """The finding waits for no ruling, or the actor may not rule on it."""

    code = "NOT_TO_BE_RULED"


class StaleRulingError(SubmissionError):
    """Another ruling on the finding was stored after the actor read it."""

    code = "RULED_MEANWHILE"
