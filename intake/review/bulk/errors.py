"""Errors of starting a bulk run."""

from intake.review.access.errors import ReviewError


class EmptyRunError(ReviewError):
    """The run has no submission that the actor may read."""

    code = "EMPTY_RUN"


class RunTooLargeError(ReviewError):
    """The run has more than `BULK_MAX` submissions."""

    code = "RUN_TOO_LARGE"
