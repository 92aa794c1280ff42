"""The application's registration with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    """`intake.outbox`."""

    name = "intake.outbox"
    label = "outbox"
    verbose_name = _("Envois")
