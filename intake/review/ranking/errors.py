"""Error of adding a meeting note."""

from intake.review.access.errors import ReviewError


class EmptyNoteError(ReviewError):
    """The note is blank."""

    code = "EMPTY_NOTE"
