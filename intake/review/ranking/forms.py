"""Forms of the ranking page: trial weights and a meeting note."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyParagraphsField
from intake.review.marks.forms import WeightsForm
from intake.review.models import MEETING_NOTE_MAX


class TrialWeightsForm(WeightsForm):
    """Trial weights of the lines. `weights()` is never saved."""

    def clean(self) -> dict[str, Any]:
        """Raise if all weights are 0: there would be no score to rank by."""
        cleaned = self.cleaned_data
        if not self.errors and not any(self.weights().values()):
            raise forms.ValidationError(
                _("Toutes les lignes sont à zéro : il n’y aurait plus de note globale."), code="nothing"
            )
        return cleaned


class MeetingNoteForm(forms.Form):
    """A meeting note."""

    text = TidyParagraphsField(
        label=_("Nouvelle observation"),
        help_text=_(
            "Inscrivez les conclusions de la réunion sur cet ordre, et pourquoi. Vous ne "
            "pourrez plus changer ce texte. Citez les candidatures par leur numéro de dépôt, "
            "sans nom. 4 000 caractères au plus."
        ),
        max_length=MEETING_NOTE_MAX,
        error_messages={"required": _("Inscrivez l’observation avant de l’ajouter.")},
    )
