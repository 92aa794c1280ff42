"""Errors of freezing a shortlist."""

from intake.review.access.errors import ReviewError


class EmptyShortlistError(ReviewError):
    """The shortlist is empty: there is nothing to freeze."""

    code = "EMPTY_SHORTLIST"


class StaleShortlistError(ReviewError):
    """The shortlist changed after the page was displayed: the frozen list would not be the list that was read."""

    code = "STALE_SHORTLIST"
