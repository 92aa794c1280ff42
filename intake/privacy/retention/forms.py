"""Forms of the retention rules and of the legal holds."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.privacy.models import (
    MIN_MONTHS,
    MIN_MONTHS_DECIDED,
    MONTHS_MAX,
    REASON_MAX,
    LegalHold,
    Outcome,
)
from intake.profiles.fields import TidyTextField
from intake.submissions.models import Receipt

from .queries import open_holds


def _reason() -> TidyTextField:
    return TidyTextField(
        label=_("Motif"),
        help_text=_("Sans nom de personne : le motif reste dans les registres."),
        max_length=REASON_MAX,
        error_messages={
            "required": _("Inscrivez le motif."),
            "max_length": _("Le motif dépasse 250 caractères."),
        },
    )


class RetentionRuleForm(forms.Form):
    """A new period for one outcome."""

    outcome = forms.ChoiceField(label=_("Issue de la candidature"), choices=Outcome)
    months = forms.IntegerField(
        label=_("Mois de conservation"),
        max_value=MONTHS_MAX,
        error_messages={
            "required": _("Inscrivez un nombre de mois."),
            "invalid": _("Inscrivez un nombre entier de mois."),
            "max_value": _("Inscrivez 240 mois au plus."),
        },
    )
    reason = _reason()

    def clean(self) -> dict[str, Any]:
        """Refuse a period shorter than the minimum of the outcome."""
        cleaned: dict[str, Any] = super().clean() or {}
        outcome, months = cleaned.get("outcome"), cleaned.get("months")
        if outcome and months is not None:
            least = MIN_MONTHS.get(Outcome(outcome), MIN_MONTHS_DECIDED)
            if months < least:
                self.add_error(
                    "months",
                    _("Pour cette issue, inscrivez au moins %(least)s mois.") % {"least": least},
                )
        return cleaned


class LegalHoldForm(forms.Form):
    """The file to hold, by the number of one of its receipts, and the reason."""

    number = TidyTextField(
        label=_("Numéro de dépôt"),
        max_length=64,
        error_messages={"required": _("Inscrivez le numéro de dépôt.")},
    )
    reason = _reason()

    def clean_number(self) -> Receipt:
        """Return the receipt with this number, in any case."""
        number = str(self.cleaned_data["number"]).upper()
        receipt = Receipt.objects.select_related("filing__submission").filter(number=number).first()
        if receipt is None:
            raise forms.ValidationError(_("Aucun dépôt ne porte ce numéro."), code="unknown")
        return receipt


class _HoldField(forms.ModelChoiceField[LegalHold]):
    """An open hold, labelled by the number of the file and the reason."""

    def label_from_instance(self, obj: LegalHold) -> str:
        """Return the number of the current filing, and why it is held."""
        filing = obj.submission.standing_filing
        return f"{filing.receipt.number if filing else obj.submission.public_id} — {obj.reason}"


class LiftForm(forms.Form):
    """The hold to lift, and why."""

    hold = _HoldField(
        queryset=LegalHold.objects.none(),
        label=_("Suspension à lever"),
        empty_label=None,
        error_messages={
            "required": _("Choisissez une suspension."),
            "invalid_choice": _("Cette suspension est déjà levée."),
        },
    )
    reason = _reason()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("_HoldField", self.fields["hold"]).queryset = open_holds()
