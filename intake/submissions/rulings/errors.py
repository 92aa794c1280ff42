"""Errors of rulings."""

from django.utils.translation import gettext_lazy as _

from intake.submissions.lifecycle.errors import SubmissionError


class RulingNotAllowedError(SubmissionError):
    """The finding waits for no ruling, or the actor may not rule on it."""

    code = "NOT_TO_BE_RULED"
    message = _("Ce constat n’attend pas le jugement d’une personne. Rien n’a été enregistré.")


class StaleRulingError(SubmissionError):
    """Another ruling on the finding was stored after the actor read it."""

    code = "RULED_MEANWHILE"
