"""The application's registration with Django."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """`intake.documents`."""

    name = "intake.documents"
    label = "documents"
