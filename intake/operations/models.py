"""What staff choose for the whole portal, and the backups that it was told of."""

from typing import Final

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

ON_CALL_LENGTH: Final = 200
"""Characters that say who answers at night, and how to reach them."""


class SitePreferences(models.Model):
    """The choices of staff: one row, absent until the first choice. See `preferences` for how it is read."""

    ONLY_ROW = 1
    english_offered = models.BooleanField(_("anglais offert"), default=True)
    on_call = models.CharField(
        _("astreinte"), max_length=ON_CALL_LENGTH, blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = _("préférences du portail")
        verbose_name_plural = _("préférences du portail")
        default_permissions = ("change",)
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="the_portal_has_one_set_of_preferences"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class Backup(models.Model):
    """A backup that ended, as the script that makes it says by `manage.py note_backup`."""

    at = models.DateTimeField(_("faite"), db_default=Now())

    class Meta:
        verbose_name = _("sauvegarde")
        verbose_name_plural = _("sauvegardes")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
