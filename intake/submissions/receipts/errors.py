"""Errors of sending a receipt again."""

from django.utils.translation import gettext_lazy as _

from intake.submissions.lifecycle.errors import SubmissionError


class TooManyResendsError(SubmissionError):
    """The receipt was already mailed again `MAX_RESENDS_PER_DAY` times that day."""

    code = "TOO_MANY_RESENDS"
    message = _(
        "L’accusé de réception a déjà été renvoyé trois fois aujourd’hui. Regardez dans les courriels indésirables, ou "
        "écrivez-nous ; le numéro à conserver est ci-dessous."
    )
