"""Why a conflict of interest is not declared or lifted."""

from intake.review.access.errors import ReviewError


class LiftReasonMissingError(ReviewError):
    """A conflict of interest is lifted with a reason."""

    code = "LIFT_REASON_MISSING"


class OwnConflictError(ReviewError):
    """The conflict of interest is the actor's own: another person lifts it."""

    code = "OWN_CONFLICT"


class StaleConflictsError(ReviewError):
    """A conflict of interest was declared or lifted on the file since the page was shown."""

    code = "STALE_CONFLICTS"
