"""What staff choose for the whole portal."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SitePreferences(models.Model):
    """The choices of staff: one row, absent until the first choice. See `preferences` for how it is read."""

    ONLY_ROW = 1
    english_offered = models.BooleanField(_("anglais offert"), default=True)

    class Meta:
        verbose_name = _("préférences du portail")
        verbose_name_plural = _("préférences du portail")
        default_permissions = ("change",)
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="the_portal_has_one_set_of_preferences"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
