"""Forms of assessments and of grid weights. Hidden fields reject values based on an older version."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake.review.models import WEIGHT_MAX, LineMark, Mark
from intake.review.pages.forms import NOTE_MAX, VersionedForm
from offers.models import GridLine

from .errors import StaleWeightsError
from .operations import AssessmentData, LineMarkData
from .scores import weights_digest


class MarkField(forms.TypedChoiceField):
    """A mark from 0 to 5 with its label, or none."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Votre note"),
            choices=[
                ("", _("Pas de note")),
                *((str(value), format_lazy("{} — {}", value, label)) for value, label in Mark.choices),
            ],
            coerce=int,
            empty_value=None,
            required=False,
            widget=forms.RadioSelect,
            error_messages={"invalid_choice": _("Choisissez une note de 0 à 5.")},
        )


class AssessmentForm(VersionedForm):
    """A mark and a remark per grid line, or one mark if there is no line, and a comment.

    Hidden fields have the versions that the page displayed. No field is required: the operation checks for submission.
    """

    mark = MarkField()
    note = forms.CharField(
        label=_("Commentaire"),
        help_text=_(
            "Vous êtes seul à lire un brouillon. Ensuite, le personnel et les membres qui ont "
            "remis leur évaluation lisent ce commentaire. N’inscrivez rien qui ne soit pas au "
            "dossier."
        ),
        max_length=NOTE_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": _("Le commentaire dépasse 5 000 caractères.")},
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    filing = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: Sequence[GridLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line_numbers = [line.pk for line in lines]
        if lines:
            del self.fields["mark"]
        for number in self.line_numbers:
            self.fields[f"line_{number}"] = MarkField()
            self.fields[f"remark_{number}"] = forms.CharField(
                label=_("Remarque (facultatif)"),
                max_length=LineMark._meta.get_field("remark").max_length,
                required=False,
                widget=forms.TextInput(
                    attrs={"placeholder": " "}
                ),  # the style sheet tells an empty one by it
                error_messages={"max_length": _("La remarque dépasse 500 caractères.")},
            )

    def given(self) -> AssessmentData:
        """Return the cleaned values of a valid form."""
        return AssessmentData(
            mark=self.cleaned_data.get("mark"),
            lines={
                number: LineMarkData(
                    self.cleaned_data[f"line_{number}"], self.cleaned_data[f"remark_{number}"]
                )
                for number in self.line_numbers
            },
            note=self.cleaned_data["note"],
        )

    def add_missing_errors(self, lines: Iterable[int]) -> None:
        """Add an error to each line without a mark, or to the single mark if there is no line."""
        for name in [f"line_{number}" for number in lines] or ["mark"]:
            self.add_error(
                name, _("Choisissez une note : elle est obligatoire pour remettre votre évaluation.")
            )


class WeightsForm(forms.Form):
    """The weight of each line of an offer's grid."""

    def __init__(self, *args: Any, lines: Sequence[GridLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line_numbers = [line.pk for line in lines]
        for line in lines:
            self.fields[f"weight_{line.pk}"] = forms.IntegerField(
                label=capfirst(line.text),
                help_text=line.get_requirement_display(),
                min_value=0,
                max_value=WEIGHT_MAX,
                error_messages=dict.fromkeys(
                    ("required", "invalid", "min_value", "max_value"),
                    _("Inscrivez un nombre entier de 0 à 10."),
                ),
            )

    def weights(self) -> dict[int, int]:
        """Return the weights by line, of a valid form."""
        return {number: self.cleaned_data[f"weight_{number}"] for number in self.line_numbers}


class WeightsChangeForm(VersionedForm, WeightsForm):
    """New weights, with the `weights_digest` of the weights that the page displayed."""

    seen = forms.CharField(widget=forms.HiddenInput)

    @staticmethod
    def shown(weights: Mapping[int, int]) -> dict[str, Any]:
        """Return the initial values of a page that displays `weights`, by line."""
        fields = {f"weight_{line}": weight for line, weight in weights.items()}
        return fields | {"seen": weights_digest(weights)}

    def add_changed_error(self, weights: Mapping[int, int]) -> None:
        """Add the error that the weights changed to `weights` since the page. Sent again, the form replaces them."""
        typed = self.weights()
        self.add_error(None, str(StaleWeightsError()))
        for line, weight in weights.items():
            if typed.get(line, weight) != weight:
                text = gettext("Le poids de cette ligne est maintenant %(weight)s.") % {"weight": weight}
                self.add_error(f"weight_{line}", text)
        self.update_version(seen=weights_digest(weights))
