"""The application's registration with Django."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """`intake.web`."""

    name = "intake.web"
    label = "web"

    def ready(self) -> None:
        """Teach gettext the plural of the language that the source is written in, and the logs what not to say."""
        from intake.web.plurals import use_french_plurals

        from .log_redaction import install_log_redaction

        install_log_redaction()
        use_french_plurals()
