"""The actions that accounts records in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

ACTION_LABELS: Final = {
    "ACCOUNT_OPENED": _("Compte ouvert"),
    "SIGNED_IN": _("Connexion"),
    "ROLE_GIVEN": _("Rôle accordé"),
    "ROLE_TAKEN": _("Rôle retiré"),
}
