"""The application's registration with Django."""

from django.apps import AppConfig


class DevtoolsConfig(AppConfig):
    """`intake.devtools`: its commands. Nothing else of the portal imports it."""

    name = "intake.devtools"
    label = "devtools"
