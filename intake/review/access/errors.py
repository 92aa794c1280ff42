"""Errors of the operations. Each has a stable code and the data that its message needs."""

from typing import ClassVar


class ReviewError(Exception):
    """An operation of `review` was refused. `code` is stable and in English; the view has the text."""

    code: ClassVar[str] = "REFUSED"


class NotOnCommitteeError(ReviewError):
    """The user is not on the committee of the submission's offer, lost the permission, or has a conflict."""

    code = "NOT_ON_COMMITTEE"


class OwnSubmissionError(ReviewError):
    """The submission is the actor's own: a user may not assess, decide on or export it."""

    code = "OWN_SUBMISSION"


class InConflictError(ReviewError):
    """The actor has a conflict of interest on a submission to the offer. Another user must act."""

    code = "IN_CONFLICT"


class NotFiledError(ReviewError):
    """The submission is a draft: there is no filing to assess."""

    code = "NOT_FILED"


class HumanReviewPendingError(ReviewError):
    """The human review of the filing is pending: a person must rule on the refused findings before any mark."""

    code = "RESERVE_PENDING"


class StaleFilingError(ReviewError):
    """The candidate replaced the filing after the page was displayed: the mark would be about another filing."""

    code = "STALE_FILING"


class ReasonMissingError(ReviewError):
    """The action needs a reason, and none was given."""

    code = "REASON_MISSING"
