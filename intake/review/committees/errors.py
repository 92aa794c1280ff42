"""Errors of adding or removing a committee member."""

from intake.review.access.errors import ReviewError


class AlreadyOnCommitteeError(ReviewError):
    """The user is already a member of this offer's committee."""

    code = "ALREADY_ON_COMMITTEE"


class ApplicantError(ReviewError):
    """The user has a submission to the offer, possibly a draft: they cannot be on its committee."""

    code = "APPLICANT"


class OwnMembershipError(ReviewError):
    """The membership is the actor's own: another user adds or removes it.

    Otherwise a member could leave, read the others' marks, and join again before giving their own mark.
    """

    code = "OWN_SEAT"


class NotAReviewerError(ReviewError):
    """The user may not enter the administration or may not assess: they cannot be a committee member."""

    code = "NOT_A_REVIEWER"
