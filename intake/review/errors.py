"""What the services refuse, each with a code and the data a page needs to say it (HOUSE rule 9)."""

from datetime import datetime
from typing import ClassVar


class ReviewError(Exception):
    """Something the services will not do. `code` is stable and in English; the words are the view's."""

    code: ClassVar[str] = "REFUSED"


class AlreadyOnCommitteeError(ReviewError):
    """The person sits on this offer's committee already."""

    code = "ALREADY_ON_COMMITTEE"


class AlreadySubmittedError(ReviewError):
    """The assessment was submitted on this filing: it is submitted again, and is no draft any more."""

    code = "ALREADY_SUBMITTED"


class LiftReasonMissingError(ReviewError):
    """A conflict of interest is lifted with a reason."""

    code = "LIFT_REASON_MISSING"


class NotAReviewerError(ReviewError):
    """The person may not enter the administration or may not assess: they cannot sit on a committee."""

    code = "NOT_A_REVIEWER"


class NotOnCommitteeError(ReviewError):
    """The person does not sit on the committee of the submission's offer, lost the right, or is in conflict."""

    code = "NOT_ON_COMMITTEE"


class OwnConflictError(ReviewError):
    """The conflict of interest is the actor's own: another person lifts it."""

    code = "OWN_CONFLICT"


class OwnSubmissionError(ReviewError):
    """The submission is the actor's own: nobody judges, decides or exports themselves."""

    code = "OWN_SUBMISSION"


class InConflictError(ReviewError):
    """The actor has a conflict of interest on a candidature of the offer: another person does this."""

    code = "IN_CONFLICT"


class NothingWeighsError(ReviewError):
    """Every line of the grid would weigh nothing: there would be no score."""

    code = "NOTHING_WEIGHS"


class NotFiledError(ReviewError):
    """The submission is still a draft: there is nothing to judge."""

    code = "NOT_FILED"


class ReservePendingError(ReviewError):
    """The filing is under reserve: a person's judgement of what the rules refuse comes before any mark."""

    code = "RESERVE_PENDING"


class StaleAssessmentError(ReviewError):
    """The same reviewer saved this assessment in another window since the page was shown."""

    code = "STALE_ASSESSMENT"

    def __init__(self, *, saved_at: datetime) -> None:
        super().__init__(f"the assessment was last saved at {saved_at}")
        self.saved_at = saved_at


class StaleFilingError(ReviewError):
    """The candidate replaced the filing since the page was shown: the mark would be about something else."""

    code = "STALE_FILING"


class EmptyNoteError(ReviewError):
    """The note says nothing."""

    code = "EMPTY_NOTE"


class OwnMarksFirstError(ReviewError):
    """The actor sits on the committee and has yet to mark files of the list: their means are not theirs to read."""

    code = "OWN_MARKS_FIRST"


class EmptyShortlistError(ReviewError):
    """Nobody is on the shortlist: there is nothing to freeze."""

    code = "EMPTY_SHORTLIST"


class ReasonMissingError(ReviewError):
    """What was asked needs a reason, and none was given."""

    code = "REASON_MISSING"


class StaleShortlistError(ReviewError):
    """The shortlist changed since the page that showed it: another one would be frozen than the one read."""

    code = "STALE_SHORTLIST"


class UnknownLanguageError(ReviewError):
    """The shortlist is not written in this language."""

    code = "UNKNOWN_LANGUAGE"

    def __init__(self, *, language: str) -> None:
        super().__init__(f"no shortlist is written in {language!r}")
        self.language = language


class UnmarkedError(ReviewError):
    """The assessment cannot be submitted yet: marks are missing.

    `lines` are the numbers of the lines without one, in the offer's order; none where the offer's grid has no line and
    the one mark is missing.
    """

    code = "UNMARKED"

    def __init__(self, *, lines: tuple[int, ...]) -> None:
        super().__init__(f"{len(lines) or 1} marks are missing")
        self.lines = lines


class UnknownLineError(ReviewError):
    """The line is not, or is no longer, of the offer's grid."""

    code = "UNKNOWN_LINE"


class WeightOutOfBoundsError(ReviewError):
    """A line weighs from 0 to `models.WEIGHT_MAX`."""

    code = "WEIGHT_OUT_OF_BOUNDS"


class UnknownFormatError(ReviewError):
    """The shortlist is not written in this format."""

    code = "UNKNOWN_FORMAT"

    def __init__(self, *, file_format: str) -> None:
        super().__init__(f"no shortlist is written as {file_format!r}")
        self.file_format = file_format
