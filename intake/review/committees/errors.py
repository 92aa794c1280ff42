"""Why a person does not join or leave a committee."""

from intake.review.access.errors import ReviewError


class AlreadyOnCommitteeError(ReviewError):
    """The person sits on this offer's committee already."""

    code = "ALREADY_ON_COMMITTEE"


class ApplicantError(ReviewError):
    """The person applied to the offer, or began to: they do not sit on the committee that judges the others."""

    code = "APPLICANT"


class OwnMembershipError(ReviewError):
    """The seat is the actor's own: another person gives it and takes it.

    Whoever leaves theirs, reads what the others marked and comes back has not given their own mark first.
    """

    code = "OWN_SEAT"


class NotAReviewerError(ReviewError):
    """The person may not enter the administration or may not assess: they cannot sit on a committee."""

    code = "NOT_A_REVIEWER"
