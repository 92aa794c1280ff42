"""The application's registration with Django."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """`intake.web`."""

    name = "intake.web"
    label = "web"

    def ready(self) -> None:
        """Teach gettext the plural of the language that the source is written in, and the logs what not to say."""
        from intake.web.plurals import count_as_french_does

        from .log_redaction import log_no_rows

        log_no_rows()
        count_as_french_does()
