"""Django application configuration of `intake.web`."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Configuration of `intake.web`."""

    name = "intake.web"

    def ready(self) -> None:
        """Install the plural rule of the French source strings and the redaction of log records."""
        from intake.web.language import use_french_plurals

        from .database_errors import install_log_redaction

        install_log_redaction()
        use_french_plurals()
