"""Django application configuration of `intake.signing`."""

from django.apps import AppConfig


class SigningConfig(AppConfig):
    """Configuration of `intake.signing`, which has no model."""

    name = "intake.signing"
    label = "signing"
