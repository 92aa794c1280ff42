"""Django application configuration."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Configuration of `intake.privacy`."""

    name = "intake.privacy"
    label = "privacy"
