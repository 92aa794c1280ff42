"""The application's registration with Django and with the outbox."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    """`intake.documents`."""

    name = "intake.documents"
    label = "documents"

    def ready(self) -> None:
        """Say what the room does when a worker asks."""
        from intake.outbox.kinds import register_job

        from . import deliveries, kinds

        register_job(kinds.RECLAIM, deliveries.reclaim, label=_("Ménage des fichiers téléversés"))
