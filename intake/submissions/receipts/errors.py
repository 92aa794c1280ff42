"""Why a receipt is not sent again."""

from intake.submissions.lifecycle.errors import SubmissionError


class TooManyResendsError(SubmissionError):
    """The receipt was mailed again as often as one day allows."""

    code = "TOO_MANY_RESENDS"
