"""Why a note of the meeting is not added."""

from intake.review.access.errors import ReviewError


class EmptyNoteError(ReviewError):
    """The note says nothing."""

    code = "EMPTY_NOTE"
