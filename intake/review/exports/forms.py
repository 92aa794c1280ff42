"""Form that requests a shortlist file."""

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyTextField
from intake.review.models import LIST_REASON_MAX

FORMAT_LABELS = (
    ("xlsx", _("Classeur Excel (XLSX)")),
    ("pdf", _("Tableau (PDF)")),
    ("csv", _("Données (CSV)")),
    ("zip", _("Dossiers PDF (ZIP)")),
)


class ExportForm(forms.Form):
    """Format, headers' language and reason of an export."""

    reason = TidyTextField(
        label=_("Motif"),
        help_text=_(
            "Destinataire de ce fichier et raison ; ce motif reste dans l’historique des "
            "exportations. 250 caractères au plus."
        ),
        max_length=LIST_REASON_MAX,
        error_messages={"required": _("Inscrivez le motif : il est obligatoire pour chaque fichier.")},
    )
    language = forms.ChoiceField(
        label=_("Langue des en-têtes"),
        choices=[("fr", _("Français")), ("en", _("Anglais"))],
        initial="fr",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez la langue des en-têtes.")},
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    """Identifies the page: the same file, requested from it twice, is one order."""
    file_format = forms.ChoiceField(
        choices=FORMAT_LABELS,
        error_messages={"required": _("Choisissez le format par son bouton.")},
    )
