"""Errors of saved views."""

from intake.review.access.errors import ReviewError


class EmptyViewError(ReviewError):
    """The query filters nothing: the view would be the queue itself."""

    code = "EMPTY_VIEW"


class SharingNotAllowedError(ReviewError):
    """The user may not share views."""

    code = "NOT_YOURS_TO_SHARE"


class TooManyViewsError(ReviewError):
    """The user already has `VIEWS_MAX` views."""

    code = "TOO_MANY_VIEWS"


class ViewNameTakenError(ReviewError):
    """Another view of the same user has this name, without regard to case."""

    code = "VIEW_NAME_TAKEN"
