"""The actions that the registers of personal information record in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from intake.journal.selectors import choice_reader
from intake.privacy.models import IncidentUpdate, Risk

from .access_register import filter_label

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
PAGE_LABELS: Final = {
    "officers:consents": _("Consentements"),
    "officers:export_consents": _("Consentements, en fichier"),
}
"""What people read for each page that shows persons, by the name of its address."""
DETAIL_READERS: Final = {
    **dict.fromkeys(("ACCESS_REGISTER_READ", "ACCESS_REGISTER_EXPORTED"), filter_label),
    "INCIDENT_RECORDED": choice_reader(Risk),
    "INCIDENT_UPDATED": choice_reader(IncidentUpdate.Kind),
}
"""How the detail of an entry is read in words, by action."""
