"""Errors of declaring or lifting a conflict of interest."""

from django.utils.translation import gettext_lazy as _

from intake.review.access.errors import ReviewError


class LiftReasonMissingError(ReviewError):
    """Lifting a conflict of interest needs a reason."""

    code = "LIFT_REASON_MISSING"


class OwnConflictError(ReviewError):
    """The conflict of interest is the actor's own: another user must lift it."""

    code = "OWN_CONFLICT"


class StaleConflictsError(ReviewError):
    """A conflict of interest on the file was declared or lifted after the page was displayed."""

    code = "STALE_CONFLICTS"
    message = _(
        "Un conflit d’intérêts a été déclaré ou levé sur cette candidature depuis que cette page est affichée. Rien "
        "n’a été changé : relisez, puis déclarez de nouveau s’il le faut."
    )
