"""The actions that the register records in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

ACTION_LABELS: Final = {
    "PARTICIPATION_ENTERED": _("Participation inscrite au registre"),
    "PARTICIPATIONS_IMPORTED": _("Liste de participations importée"),
    "PARTICIPATION_REMOVED": _("Participation retirée du registre"),
    "REGISTER_SEARCHED": _("Recherche au registre des participations"),
    "REGISTER_REBUILT": _("Registre des participations recalculé"),
}
"""What people read for each, by its code."""
