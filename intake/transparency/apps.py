"""The application's registration with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TransparencyConfig(AppConfig):
    """`intake.transparency`: the public log of receipts."""

    name = "intake.transparency"
    label = "transparency"
    verbose_name = _("Registre public")

    def ready(self) -> None:
        """Keep the log by itself."""
        from intake.outbox.kinds import register_periodic

        from .selectors import PUBLISH_INTERVAL
        from .services import update_log

        register_periodic(
            "PUBLIC_LOG",
            update_log,
            every=PUBLISH_INTERVAL,
            label=_("Registre public des accusés de réception"),
            comes_first=True,  # after a closing thousands of dossiers wait; that is when a root must not
        )
