"""Why marks or weights are not kept."""

from datetime import datetime

from intake.review.access.errors import ReviewError


class AlreadySubmittedError(ReviewError):
    """The assessment was submitted on this filing: it is submitted again, and is no draft any more."""

    code = "ALREADY_SUBMITTED"


class MarkDuringComplementError(ReviewError):
    """The file waits for its complement: a mark of it would be about a filing that is to be replaced."""

    code = "COMPLEMENT_AWAITED"


class NothingWeighsError(ReviewError):
    """Every line of the grid would weigh nothing: there would be no score."""

    code = "NOTHING_WEIGHS"


class StaleAssessmentError(ReviewError):
    """The same reviewer saved this assessment in another window since the page was shown."""

    code = "STALE_ASSESSMENT"

    def __init__(self, *, saved_at: datetime) -> None:
        super().__init__(f"the assessment was last saved at {saved_at}")
        self.saved_at = saved_at


class MarksNotSubmittedError(ReviewError):
    """The actor sits on the committee and has yet to mark files of the list: their means are not theirs to read."""

    code = "OWN_MARKS_FIRST"


class StaleWeightsError(ReviewError):
    """Somebody changed what the lines weigh since the page was shown: theirs would be replaced unread."""

    code = "STALE_WEIGHTS"


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
