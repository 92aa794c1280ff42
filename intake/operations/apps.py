"""Django application configuration."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class OperationsConfig(AppConfig):
    """Configuration of `intake.operations`."""

    name = "intake.operations"
    label = "operations"

    def ready(self) -> None:
        """Check the database's migrations before `migrate`."""
        from intake.operations.replaced_migrations import check_replaced_migrations

        register(check_replaced_migrations, Tags.database)
