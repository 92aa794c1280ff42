"""The application's registration with Django."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """`intake.operations`."""

    name = "intake.operations"
    label = "operations"
