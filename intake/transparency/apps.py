"""The application's registration with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TransparencyConfig(AppConfig):
    """`intake.transparency`: the public log of receipts."""

    name = "intake.transparency"
    label = "transparency"
    verbose_name = _("Registre public")
