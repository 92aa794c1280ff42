"""The actions that dossiers records in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

ACTION_LABELS: Final = {
    "RECEIPT_PDF_REMADE": _("Accusé de réception en PDF produit de nouveau"),
    "DOSSIER_REMADE": _("Dossier PDF produit de nouveau"),
}
"""What people read for each, by its code."""
