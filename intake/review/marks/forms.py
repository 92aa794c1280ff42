"""The form that lets the lines of an offer's grid weigh something else, over what was read and nothing newer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake.review.models import WEIGHT_MAX, LineMark, Mark
from intake.review.pages.forms import NOTE_MAX, VersionedForm
from offers.models import GridLine

from .operations import AssessmentData, LineMarkData
from .scores import weights_digest


class MarkField(forms.TypedChoiceField):
    """A mark from 0 to 5, each with its word, or none yet."""

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


class RemarkField(forms.CharField):
    """A few words about one line."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Remarque (facultatif)"),
            max_length=LineMark._meta.get_field("remark").max_length,
            required=False,
            error_messages={"max_length": _("La remarque dépasse 500 caractères.")},
        )


class AssessmentForm(VersionedForm):
    """A mark and a remark for each line of the offer's grid, or one mark where it has none, and a note.

    With what the page showed when it was filled. Nothing is required: whether it may be submitted is the service's.
    """

    mark = MarkField()
    note = forms.CharField(
        label=_("Commentaire"),
        help_text=_(
            "Lu de vous seul tant que c’est un brouillon ; ensuite, du personnel et des membres du comité qui ont "
            "remis leur appréciation. Pas de renseignement qui n’est pas au dossier."
        ),
        max_length=NOTE_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": _("Le commentaire dépasse 5 000 caractères.")},
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
            self.fields[f"remark_{number}"] = RemarkField()

    def given(self) -> AssessmentData:
        """Return what was given, once the form is valid."""
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
        """Say what has no mark yet: the lines, or the one mark where there are none."""
        for name in [f"line_{number}" for number in lines] or ["mark"]:
            self.add_error(name, _("Choisissez une note : il en faut une pour remettre votre appréciation."))


class WeightsForm(forms.Form):
    """What each line of an offer's grid weighs in the score."""

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
        """Return the weights by line, once the form is valid."""
        return {number: self.cleaned_data[f"weight_{number}"] for number in self.line_numbers}


class WeightsChangeForm(VersionedForm, WeightsForm):
    """What each line is to weigh, and what the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput)
    """The `scoring.edition_of_weights` of what the page showed."""

    @staticmethod
    def shown(weights: Mapping[int, int]) -> dict[str, Any]:
        """Return what the fields of a page that shows `weights`, by line, hold first."""
        fields = {f"weight_{line}": weight for line, weight in weights.items()}
        return fields | {"seen": weights_digest(weights)}

    def add_changed_error(self, weights: Mapping[int, int]) -> None:
        """Say that the lines weigh `weights` since the page was shown; sent again, the form replaces these."""
        typed = self.weights()
        self.add_error(
            None,
            gettext(
                "Les pondérations ont changé entre-temps, par une autre personne ou dans une autre fenêtre. Rien n’est "
                "enregistré ; ce que vous avez inscrit est resté : enregistrez de nouveau si c’est bien ce qu’il faut."
            ),
        )
        for line, weight in weights.items():
            if typed.get(line, weight) != weight:
                said = gettext("Cette ligne pèse maintenant %(weight)s.") % {"weight": weight}
                self.add_error(f"weight_{line}", said)
        self.update_version(seen=weights_digest(weights))
