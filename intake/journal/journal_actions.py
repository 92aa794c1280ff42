"""The actions that several applications record in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from .models import LIST_SHOWN

ACTION_LABELS: Final = {
    LIST_SHOWN: _("Page ou liste affichée"),
}
"""What people read for each, by its code."""
PAGE_LABELS: Final = {
    "admin:journal_entry_changelist": _("Journal"),
    "admin:journal_entry_change": _("Entrée du journal"),
    "admin:journal_entry_history": _("Historique d’une entrée du journal"),
}
"""What people read for each page that shows persons, by the name of its address."""
