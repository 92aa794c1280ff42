"""The actions that the registers of personal information record in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

ACTION_LABELS: Final = {
    "ACCESS_REGISTER_READ": _("Registre des accès consulté"),
    "ACCESS_REGISTER_EXPORTED": _("Registre des accès exporté"),
    "CONSENTS_EXPORTED": _("Consentements exportés"),
    "INCIDENT_RECORDED": _("Incident de confidentialité inscrit"),
    "INCIDENT_UPDATED": _("Suite d’un incident de confidentialité inscrite"),
    "INCIDENTS_EXPORTED": _("Registre des incidents exporté"),
    "JOURNAL_VERIFIED": _("Chaînes du journal vérifiées"),
}
"""What people read for each, by its code."""
