"""The actions that operations records in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

ACTION_LABELS: Final = {
    "ENGLISH_TURNED_ON": _("Anglais offert"),
    "ENGLISH_TURNED_OFF": _("Anglais retiré"),
    "ON_CALL_CHANGED": _("Astreinte changée"),
}
