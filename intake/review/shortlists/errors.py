"""Why a shortlist is not frozen."""

from intake.review.access.errors import ReviewError


class EmptyShortlistError(ReviewError):
    """Nobody is on the shortlist: there is nothing to freeze."""

    code = "EMPTY_SHORTLIST"


class StaleShortlistError(ReviewError):
    """The shortlist changed since the page that showed it: another one would be frozen than the one read."""

    code = "STALE_SHORTLIST"
