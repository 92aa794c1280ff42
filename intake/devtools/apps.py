"""Django app configuration."""

from django.apps import AppConfig


class DevtoolsConfig(AppConfig):
    """App of `intake.devtools`, for its management commands. No other package of the portal imports it."""

    name = "intake.devtools"
    label = "devtools"
