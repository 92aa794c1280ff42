"""Errors of saving or submitting marks, and of changing weights."""

from datetime import datetime

from intake.review.access.errors import ReviewError


class AlreadySubmittedError(ReviewError):
    """The assessment was submitted on this filing: it can be submitted again, but not saved as a draft."""

    code = "ALREADY_SUBMITTED"


class MarkDuringComplementError(ReviewError):
    """The submission waits for its complement: a mark would be about a filing that will be replaced."""

    code = "COMPLEMENT_AWAITED"


class NothingWeighsError(ReviewError):
    """All lines of the grid would have weight 0: there would be no score."""

    code = "NOTHING_WEIGHS"


class StaleAssessmentError(ReviewError):
    """The same reviewer saved this assessment in another window after the page was displayed."""

    code = "STALE_ASSESSMENT"

    def __init__(self, *, saved_at: datetime) -> None:
        super().__init__(f"the assessment was last saved at {saved_at}")
        self.saved_at = saved_at


class MarksNotSubmittedError(ReviewError):
    """The actor is a committee member with files of the list still to mark, and may not read their means."""

    code = "OWN_MARKS_FIRST"


class StaleWeightsError(ReviewError):
    """Another user changed the weights after the page was displayed: saving would replace them unread."""

    code = "STALE_WEIGHTS"


class UnmarkedError(ReviewError):
    """The assessment cannot be submitted: marks are missing.

    `lines` are the numbers of the lines without a mark, in the offer's order. Empty if the grid has no line and the
    single mark is missing.
    """

    code = "UNMARKED"

    def __init__(self, *, lines: tuple[int, ...]) -> None:
        super().__init__(f"{len(lines) or 1} marks are missing")
        self.lines = lines


class UnknownLineError(ReviewError):
    """The line is not, or no longer, in the offer's grid."""

    code = "UNKNOWN_LINE"


class WeightOutOfBoundsError(ReviewError):
    """A weight is not from 0 to `models.WEIGHT_MAX`."""

    code = "WEIGHT_OUT_OF_BOUNDS"
