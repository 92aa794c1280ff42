"""Forms of the register of incidents. Forms validate and never save."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from intake.base.widgets import DayInput
from intake.privacy.models import Incident, IncidentUpdate, Risk
from intake.privacy.models.incidents import TEXT_MAX
from intake.profiles.fields import TidyParagraphsField, TidyTextField

from .incidents import IncidentData

_LINE_MAX = 200
_PERSONS_MAX = 10_000_000


class _PastDayField(forms.DateField):
    """A day that is not after today."""

    widget = DayInput
    on: dt.date = dt.date.max

    def validate(self, value: Any) -> None:
        """Raise if the day is missing or in the future."""
        super().validate(value)
        if isinstance(value, dt.date) and value > self.on:
            raise ValidationError(_("Ce jour est à venir : vérifiez la date."), code="future")


class _RegisterEntryForm(forms.Form):
    """Base of both forms: `on` is today."""

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
        for field in self.fields.values():
            if isinstance(field, _PastDayField):
                field.on = on


class IncidentForm(_RegisterEntryForm):
    """A new incident: what the regulation asks for (A-2.1, r. 3.1, s. 7)."""

    kind = forms.ChoiceField(
        label=_("Nature de l’incident"),
        choices=Incident.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez la nature de l’incident.")},
    )
    information = TidyParagraphsField(
        label=_("Renseignements visés"),
        help_text=_("Décrivez-les sans les recopier. S’ils sont inconnus, expliquez pourquoi."),
        max_length=TEXT_MAX,
        error_messages={"required": _("Décrivez les renseignements visés.")},
    )
    circumstances = TidyParagraphsField(
        label=_("Circonstances"),
        help_text=_("Ce qui est arrivé, en quelques phrases, sans le nom des personnes concernées."),
        max_length=TEXT_MAX,
        error_messages={"required": _("Décrivez les circonstances.")},
    )
    happened = TidyTextField(
        label=_("Date ou période de l’incident"),
        help_text=_("Par exemple : 3 mars 2027, ou vers la mi-mars 2027."),
        max_length=_LINE_MAX,
        error_messages={"required": _("Inscrivez la date, la période ou une approximation.")},
    )
    known_on = _PastDayField(
        label=_("Jour où l’organisme l’a appris"),
        error_messages={"required": _("Choisissez le jour."), "invalid": _("Choisissez un jour.")},
    )
    concerned = TidyTextField(
        label=_("Personnes concernées"),
        help_text=_("Par exemple : personnes candidates à l’offre 2027-020."),
        max_length=_LINE_MAX,
        error_messages={"required": _("Indiquez qui est concerné.")},
    )
    persons = forms.IntegerField(
        label=_("Nombre de personnes"),
        min_value=0,
        max_value=_PERSONS_MAX,
        error_messages={
            "required": _("Inscrivez le nombre, ou une approximation."),
            "invalid": _("Inscrivez un nombre entier."),
        },
    )
    is_approximate = forms.BooleanField(label=_("Ce nombre est approximatif"), required=False)
    risk = forms.ChoiceField(
        label=_("Risque qu’un préjudice sérieux soit causé"),
        choices=Risk.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez une réponse.")},
    )
    assessment = TidyParagraphsField(
        label=_("Éléments de l’évaluation du risque"),
        help_text=_(
            "Sensibilité des renseignements, utilisations malveillantes possibles, conséquences et probabilité."
        ),
        max_length=TEXT_MAX,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Raise if the risk is assessed without saying why."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("risk") not in {None, Risk.UNKNOWN} and not cleaned.get("assessment"):
            self.add_error("assessment", ValidationError(_("Expliquez cette évaluation."), code="required"))
        return cleaned

    def given(self) -> IncidentData:
        """Return the data of a valid form."""
        return IncidentData(**self.cleaned_data)


class UpdateForm(_RegisterEntryForm):
    """What was learned or done about an incident."""

    kind = forms.ChoiceField(
        label=_("Nature de l’ajout"),
        choices=IncidentUpdate.Kind.choices,
        error_messages={"required": _("Choisissez une réponse.")},
    )
    risk = forms.ChoiceField(
        label=_("Risque, si vous l’évaluez"),
        choices=[("", "—"), *((code, label) for code, label in Risk.choices if code != Risk.UNKNOWN)],
        required=False,
    )
    done_on = _PastDayField(
        label=_("Jour"),
        error_messages={"required": _("Choisissez le jour."), "invalid": _("Choisissez un jour.")},
    )
    text = TidyParagraphsField(
        label=_("Description"),
        help_text=_("Sans le nom des personnes concernées."),
        max_length=TEXT_MAX,
        error_messages={"required": _("Décrivez ce qui est appris ou fait.")},
    )

    def clean(self) -> dict[str, Any]:
        """Raise if an assessment lacks its risk; another kind has none."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == IncidentUpdate.Kind.ASSESSED:
            if not cleaned.get("risk"):
                self.add_error(
                    "risk", ValidationError(_("Choisissez le résultat de l’évaluation."), code="required")
                )
        else:
            cleaned["risk"] = ""
        return cleaned
