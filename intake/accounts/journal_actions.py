"""The actions that accounts records in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

ACTION_LABELS: Final = {
    "ACCOUNT_CHANGE_APPLIED": _("Changement de compte fait"),
    "ACCOUNT_CHANGE_ASKED": _("Changement de compte demandé"),
    "ACCOUNT_CHANGE_REFUSED": _("Changement de compte refusé"),
    "ACCOUNT_OPENED": _("Compte ouvert"),
    "ACCOUNT_RENAMED": _("Nom affiché changé"),
    "IDENTITY_LINKED": _("Identité professionnelle liée"),
    "INVITATION_GIVEN": _("Invitation à protéger un compte"),
    "SIGNED_IN": _("Connexion"),
    "ROLE_GIVEN": _("Rôle accordé"),
    "ROLE_TAKEN": _("Rôle retiré"),
    "SECOND_FACTOR_ADDED": _("Deuxième étape ajoutée"),
    "SECOND_FACTOR_REMOVED": _("Deuxième étape retirée"),
    "RECOVERY_CODES_MADE": _("Codes de secours remplacés"),
    "RECOVERY_CODE_USED": _("Code de secours utilisé"),
    "SESSIONS_ENDED": _("Sessions terminées"),
}
