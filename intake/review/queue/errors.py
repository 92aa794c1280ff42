"""Why a view is not saved."""

from intake.review.access.errors import ReviewError


class EmptyViewError(ReviewError):
    """The view narrows nothing: it would be the queue itself."""

    code = "EMPTY_VIEW"


class SharingNotAllowedError(ReviewError):
    """The person may keep views for themselves alone."""

    code = "NOT_YOURS_TO_SHARE"


class TooManyViewsError(ReviewError):
    """The person keeps as many views as fit above the queue."""

    code = "TOO_MANY_VIEWS"


class ViewNameTakenError(ReviewError):
    """Another view of the same person has this name, capitals aside."""

    code = "VIEW_NAME_TAKEN"
