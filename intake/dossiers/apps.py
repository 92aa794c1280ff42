"""Django application configuration."""

from django.apps import AppConfig


class DossiersConfig(AppConfig):
    """`intake.dossiers`."""

    name = "intake.dossiers"
    label = "dossiers"
