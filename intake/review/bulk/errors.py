"""Errors of starting a bulk run."""

from django.utils.translation import gettext_lazy as _

from intake.review.access.errors import ReviewError


class EmptyRunError(ReviewError):
    """The run has no submission that the actor may read."""

    code = "EMPTY_RUN"
    message = _("Aucune de ces candidatures n’est à vous : rien n’a été changé.")


class RunTooLargeError(ReviewError):
    """The run has more than `BULK_MAX` submissions."""

    code = "RUN_TOO_LARGE"


class InAnotherRunError(ReviewError):
    """The submission is open in another run. Its code is stored in the item; it is never raised."""

    code = "IN_ANOTHER_RUN"
    message = _("Elle attend déjà son tour dans une autre action.")
