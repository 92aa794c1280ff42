"""Register matches: open files whose person may be in a register row entered after filing."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from intake.submissions.models import Filing


class RegisterMatch(models.Model):
    """One filing whose person may be in a register row entered since. A job recomputes all matches.

    It blocks nothing: it ends when a person checks the ONCE_ONLY finding.
    """

    filing = models.OneToOneField(Filing, models.RESTRICT, related_name="register_match")
    position = models.PositiveSmallIntegerField(_("rang"))
    """Position of the ONCE_ONLY finding in the sealed verdict, from 0."""
    entered_at = models.DateTimeField(_("inscrite le"))
    """When the newest matching row was entered."""

    class Meta:
        verbose_name = _("correspondance au registre")
        verbose_name_plural = _("correspondances au registre")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.filing_id} · {self.entered_at}"
