"""Django application configuration of `intake.transparency`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TransparencyConfig(AppConfig):
    """Configuration of `intake.transparency`, the public log of receipts."""

    name = "intake.transparency"
    label = "transparency"
    verbose_name = _("Registre public")
