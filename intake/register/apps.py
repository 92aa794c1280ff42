"""The application's registration with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegisterConfig(AppConfig):
    """`intake.register`: past participants, known by keyed digests alone."""

    name = "intake.register"
    label = "register"
    verbose_name = _("Registre")
