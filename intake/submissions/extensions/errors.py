"""Errors of personal extensions."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from intake.submissions.lifecycle.errors import SubmissionError


class SelfExtensionError(SubmissionError):
    """The author is the candidate."""

    code = "OWN_EXTENSION"


class StaleExtensionError(SubmissionError):
    """The candidate's closing changed after the author read it. `closes_at`: the current one, exclusive (UTC)."""

    code = "EXTENDED_MEANWHILE"
    message = _("La date limite de cette personne a changé entre-temps : relisez. Rien n’a changé.")

    def __init__(self, *, closes_at: datetime) -> None:
        self.closes_at = closes_at
