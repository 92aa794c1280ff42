"""Django application configuration of `intake.journal`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JournalConfig(AppConfig):
    """Configuration of `intake.journal`."""

    name = "intake.journal"
    verbose_name = _("Journal")
