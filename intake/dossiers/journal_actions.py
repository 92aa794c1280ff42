"""The actions that dossiers records in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

ACTION_LABELS: Final = {
    "RECEIPT_PDF_REMADE": _("Accusé de réception en PDF refait"),
    "DOSSIER_REMADE": _("Dossier PDF refait"),
}
"""What people read for each, by its code."""
