"""Django application configuration of `intake.accounts`."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Configuration of `intake.accounts`."""

    name = "intake.accounts"
    verbose_name = _("Comptes")

    def ready(self) -> None:
        """Keep the roles' groups in step with what `intake.wiring` grants."""
        from intake.accounts.roles import sync_roles

        post_migrate.connect(sync_roles, dispatch_uid="accounts.sync_roles")
