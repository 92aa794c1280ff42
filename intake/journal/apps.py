"""The application's registration with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JournalConfig(AppConfig):
    """`intake.journal`."""

    name = "intake.journal"
    label = "journal"
    verbose_name = _("Journal")
