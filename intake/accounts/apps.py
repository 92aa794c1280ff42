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
        from intake.accounts.selectors import entries_by_matching_actors
        from intake.journal.actions import register_action_labels
        from intake.journal.search import register_entry_finder

        # The journal is below accounts and cannot grant its own.
        roles.grant(roles.Role.STAFF, "accounts.view_user", "journal.view_entry")
        register_action_labels(
            {
                "ACCOUNT_OPENED": _("Compte ouvert"),
                "SIGNED_IN": _("Connexion"),
                "ROLE_GIVEN": _("Rôle donné"),
                "ROLE_TAKEN": _("Rôle retiré"),
            }
        )
        register_entry_finder(entries_by_matching_actors)
        post_migrate.connect(roles.sync_roles, dispatch_uid="accounts.sync_roles")
