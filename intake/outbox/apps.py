"""Django application configuration of `intake.outbox`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    """Configuration of `intake.outbox`."""

    name = "intake.outbox"
    verbose_name = _("Envois")
