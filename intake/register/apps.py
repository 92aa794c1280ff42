"""The application's registration with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegisterConfig(AppConfig):
    """`intake.register`: past participants, known by keyed digests alone."""

    name = "intake.register"
    label = "register"
    verbose_name = _("Registre")

    def ready(self) -> None:
        """Let the staff, and nobody else, keep the register; name what the journal keeps of it."""
        from intake.accounts.roles import Role, grant
        from intake.journal.actions import register_action_labels

        grant(
            Role.STAFF,
            "register.view_participation",
            "register.add_participation",
            "register.delete_participation",
        )
        register_action_labels(
            {
                "PARTICIPATION_ENTERED": _("Participation inscrite au registre"),
                "PARTICIPATIONS_IMPORTED": _("Liste de participations importée"),
                "PARTICIPATION_REMOVED": _("Participation retirée du registre"),
                "REGISTER_SEARCHED": _("Recherche au registre des participations"),
                "REGISTER_REBUILT": _("Registre des participations recalculé"),
            }
        )
