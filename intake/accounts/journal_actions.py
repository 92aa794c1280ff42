"""The actions that accounts records in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from intake.journal.selectors import choice_reader

from .roles import Role

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
"""What people read for each, by its code."""
PAGE_LABELS: Final = {
    "admin:accounts_user_changelist": _("Comptes"),
    "admin:accounts_user_change": _("Compte"),
    "admin:accounts_user_history": _("Historique d’un compte"),
    "admin:accounts_user_ask": _("Demande de changement d’un compte"),
    "admin:accounts_user_decide": _("Approbation d’un changement de compte"),
    "account_sessions": _("Sessions ouvertes d’un compte"),
}
"""What people read for each page that shows persons, by the name of its address."""
DETAIL_READERS: Final = dict.fromkeys(("ROLE_GIVEN", "ROLE_TAKEN"), choice_reader(Role))
"""How the detail of an entry is read in words, by action."""
