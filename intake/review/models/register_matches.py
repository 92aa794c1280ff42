"""Open files whose person the register of past participants learned of since they filed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from intake.submissions.models import Filing


class RegisterMatch(models.Model):
    """One filing whose person may be that of a row entered since. Kept by a job, which compares them all anew.

    It refuses nothing: a person verifies the once-only finding, and that ends the alarm.
    """

    filing = models.OneToOneField(Filing, models.RESTRICT, related_name="register_match")
    position = models.PositiveSmallIntegerField(_("rang"))
    """Of the once-only finding in the sealed verdict, from 0."""
    entered_at = models.DateTimeField(_("inscrite le"))
    """When the newest such row was entered."""

    class Meta:
        verbose_name = _("correspondance au registre")
        verbose_name_plural = _("correspondances au registre")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.filing_id} · {self.entered_at}"
