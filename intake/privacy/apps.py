"""Django application configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PrivacyConfig(AppConfig):
    """Configuration of `intake.privacy`."""

    name = "intake.privacy"
    label = "privacy"

    def ready(self) -> None:
        """Give each outcome a period once the tables exist."""
        from intake.privacy.retention.defaults import write_default_rules

        post_migrate.connect(write_default_rules, sender=self, dispatch_uid="privacy.write_default_rules")
