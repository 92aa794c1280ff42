"""Why a run on many files does not start."""

from intake.review.access.errors import ReviewError


class EmptyRunError(ReviewError):
    """The action was confirmed on no candidature."""

    code = "EMPTY_RUN"


class RunTooLargeError(ReviewError):
    """The action was confirmed on more candidatures than one run holds."""

    code = "RUN_TOO_LARGE"
