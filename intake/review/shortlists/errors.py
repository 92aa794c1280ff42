"""Errors of freezing a shortlist."""

from django.utils.translation import gettext_lazy as _

from intake.review.access.errors import ReviewError

_STALE = _("La liste a changé pendant que vous lisiez. La voici telle qu’elle est ; rien n’a été figé.")


class EmptyShortlistError(ReviewError):
    """The shortlist is empty: there is nothing to freeze."""

    code = "EMPTY_SHORTLIST"
    message = _STALE


class StaleShortlistError(ReviewError):
    """The shortlist changed after the page was displayed: the frozen list would not be the list that was read."""

    code = "STALE_SHORTLIST"
    message = _STALE
