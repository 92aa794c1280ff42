"""The actions that several applications record in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from .models import LIST_SHOWN

ACTION_LABELS: Final = {
    LIST_SHOWN: _("Liste affichée"),
}
"""What people read for each, by its code."""
