"""Why a finding cannot be ruled on."""

from intake.submissions.lifecycle.errors import SubmissionError


class RulingNotAllowedError(SubmissionError):
    """No person's judgement is awaited on this finding, of this filing, by this person."""

    code = "NOT_TO_BE_RULED"


class StaleRulingError(SubmissionError):
    """Somebody judged the finding since the actor read it."""

    code = "RULED_MEANWHILE"
