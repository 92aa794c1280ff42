"""Django application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProfilesConfig(AppConfig):
    """`intake.profiles`."""

    name = "intake.profiles"
    verbose_name = _("Profils")
