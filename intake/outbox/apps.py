"""The application's registration with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    """`intake.outbox`."""

    name = "intake.outbox"
    label = "outbox"
    verbose_name = _("Envois")

    def ready(self) -> None:
        """Let the staff see what was sent and send it again."""
        from intake.accounts.roles import Role, grant
        from intake.journal.actions import register_action_labels

        grant(Role.STAFF, "outbox.view_delivery", "outbox.view_message", "outbox.resend_delivery")
        register_action_labels(
            {
                "DELIVERY_RETRIED": _("Envoi relancé"),
                "MAIL_RESENT": _("Courriel renvoyé"),
                "MAIL_SET_ASIDE": _("Courriel classé"),
            }
        )
