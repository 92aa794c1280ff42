"""Why a person may not move a file."""

from intake.review.access.errors import ReviewError


class AnonymousReviewError(ReviewError):
    """The actor reads the offer's files blind: whether one is complete is said by those who read its documents."""

    code = "BLIND_READER"
