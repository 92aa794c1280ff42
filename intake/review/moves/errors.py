"""Errors of moves."""

from intake.review.access.errors import ReviewError


class AnonymousReviewError(ReviewError):
    """The actor reviews the offer anonymously: only a reader of the documents rules on the completeness of a file."""

    code = "BLIND_READER"
