"""Django application configuration."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Configuration of `intake.documents`."""

    name = "intake.documents"
    label = "documents"
