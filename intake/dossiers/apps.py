"""The application's registration with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DossiersConfig(AppConfig):
    """`intake.dossiers`."""

    name = "intake.dossiers"
    label = "dossiers"

    def ready(self) -> None:
        """Say in words what this room writes in the journal."""
        from intake.journal.actions import register_action_labels

        register_action_labels(
            {
                "RECEIPT_PDF_REMADE": _("Accusé de réception en PDF produit de nouveau"),
                "DOSSIER_REMADE": _("Dossier PDF produit de nouveau"),
            }
        )
