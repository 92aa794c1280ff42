"""The application's registration with Django and with the outbox."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """`intake.operations`."""

    name = "intake.operations"
    label = "operations"

    def ready(self) -> None:
        """Have what must hold asked once a day."""
        from intake.outbox.kinds import register_job, register_periodic

        from . import invariants

        register_periodic(
            invariants.CHECK_INVARIANTS,
            invariants.post_daily_checks,
            every=timedelta(days=1),
            label=_("Vérification quotidienne de l’intégrité"),
        )
        register_job(
            invariants.CHECK_INVARIANT, invariants.run_check, label=_("Vérification d’une règle d’intégrité")
        )
