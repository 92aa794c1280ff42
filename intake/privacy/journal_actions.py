"""The actions that `privacy` records in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

ACTION_LABELS: Final = {
    "SUBMISSION_ANONYMISED": _("Candidature anonymisée"),
    "ACCOUNT_ANONYMISED": _("Compte anonymisé"),
    "ACCOUNT_DELETION_ASKED": _("Suppression d’un compte demandée par sa personne"),
    "RETENTION_RULE_SET": _("Règle de conservation fixée"),
    "LEGAL_HOLD_PUT": _("Effacement suspendu"),
    "LEGAL_HOLD_LIFTED": _("Suspension de l’effacement levée"),
}
