"""The application's registration with Django."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """`intake.accounts`."""

    name = "intake.accounts"
    label = "accounts"
    verbose_name = _("Comptes")

    def ready(self) -> None:
        """Keep the roles' groups in step with the code, and name what the journal keeps of accounts."""
        from intake.accounts import roles
        from intake.accounts.selectors import entries_done_by
        from intake.journal.actions import name_actions
        from intake.journal.finding import find_entries_by

        # The journal is below accounts and cannot grant its own.
        roles.grant(roles.Role.STAFF, "accounts.view_user", "journal.view_entry")
        name_actions(
            {
                "ACCOUNT_OPENED": _("Compte ouvert"),
                "SIGNED_IN": _("Connexion"),
                "ROLE_GIVEN": _("Rôle donné"),
                "ROLE_TAKEN": _("Rôle retiré"),
            }
        )
        find_entries_by(entries_done_by)
        post_migrate.connect(roles.sync_roles, dispatch_uid="accounts.sync_roles")
