"""Django application configuration."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Configuration of `intake.operations`."""

    name = "intake.operations"
    label = "operations"
