"""The actions that accounts records in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from intake.journal.selectors import choice_reader

from .models import AccountChange
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
    "SIGN_IN_LINK_PRINTED": _("Lien de connexion remis par une commande"),
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
_FACTORS: Final = {"totp": _("Application d’authentification"), "webauthn": _("Clé d’accès")}


def _change_label(detail: str) -> str:
    """Return the kind of an account change, without its number."""
    kind = detail.partition(" ")[0]
    return str(AccountChange.Kind(kind).label) if kind in AccountChange.Kind.values else detail


def _factor_labels(detail: str) -> str:
    kinds = detail.split()
    return ", ".join(str(_FACTORS[kind]) for kind in kinds) if _FACTORS.keys() >= set(kinds) else detail


DETAIL_READERS: Final = {
    **dict.fromkeys(("ROLE_GIVEN", "ROLE_TAKEN"), choice_reader(Role)),
    **dict.fromkeys((f"ACCOUNT_CHANGE_{step}" for step in ("ASKED", "APPLIED", "REFUSED")), _change_label),
    **dict.fromkeys(("SECOND_FACTOR_ADDED", "SECOND_FACTOR_REMOVED"), _factor_labels),
}
"""How the detail of an entry is read in words, by action."""
