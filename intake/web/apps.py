"""Django application configuration of `intake.web`."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Configuration of `intake.web`."""

    name = "intake.web"

    def ready(self) -> None:
        """Install the plural rule of the French source strings, and the redaction and the clock of log records."""
        from intake.web.language import use_french_plurals

        from .database_errors import install_log_redaction
        from .request_id import use_utc_in_logs

        use_utc_in_logs()
        install_log_redaction()
        use_french_plurals()
