"""The application's registration with Django."""

from django.apps import AppConfig


class SigningConfig(AppConfig):
    """`intake.signing`: keeps no row."""

    name = "intake.signing"
    label = "signing"
