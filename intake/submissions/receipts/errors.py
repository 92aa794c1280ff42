"""Errors of sending a receipt again."""

from intake.submissions.lifecycle.errors import SubmissionError


class TooManyResendsError(SubmissionError):
    """The receipt was already mailed again `MAX_RESENDS_PER_DAY` times that day."""

    code = "TOO_MANY_RESENDS"
