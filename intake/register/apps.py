"""Django application configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegisterConfig(AppConfig):
    """`intake.register`: past participants as keyed digests."""

    name = "intake.register"
    label = "register"
    verbose_name = _("Registre")
