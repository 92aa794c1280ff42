"""Forms of the actions on an offer. Forms validate; operations write."""

import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.base.widgets import DayInput
from offers.date_formats import format_day
from offers.models import Offer, OfferChange, OpenPoint

EDITION = timedelta(weeks=52)  # a year later, on the same day of the week
_YEAR = re.compile(r"^\d{4}(?=-)")


class ActionForm(forms.Form):
    """Form of an action on `offer`; without fields, it is only a confirmation."""

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.offer = offer


class VersionedActionForm(ActionForm):
    """Form of an action on content that the user read: `seen` is its digest (`offers.selectors`)."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=32)


class ReasonForm(ActionForm):
    """Form of an action with a reason, which candidates read."""

    reason = forms.CharField(
        label=_("Motif"),
        max_length=OfferChange._meta.get_field("reason").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Les personnes candidates liront ce motif sur la page de l’offre et dans leur courriel."),
        error_messages={"required": _("Expliquez pourquoi en quelques mots.")},
    )


class ExtendForm(ReasonForm):
    """The new last day, and the reason."""

    closes_on = forms.DateField(
        label=_("Nouveau dernier jour"),
        widget=DayInput,
        help_text=_("Le jour entier, jusqu’à l’heure de fermeture actuelle de l’offre."),
        error_messages={"required": _("Choisissez la nouvelle date limite.")},
    )
    field_order = ("closes_on", "reason")

    def clean_closes_on(self) -> date:
        """Raise unless the day is before the start of the stage."""
        closes_on: date = self.cleaned_data["closes_on"]
        if closes_on >= self.offer.starts_on:
            raise forms.ValidationError(
                _("Le stage commence le %(day)s : la date limite doit être avant ce jour.")
                % {"day": format_day(self.offer.starts_on)}
            )
        return closes_on


class SettleForm(ActionForm):
    """The resolution of a point."""

    resolution = forms.CharField(
        label=_("Explication"),
        max_length=OpenPoint._meta.get_field("resolution").max_length,
        help_text=_("Par exemple : vérifié avec l’unité, la date est la bonne."),
        error_messages={"required": _("Expliquez en quelques mots comment ce point est réglé.")},
    )


class CloneForm(ActionForm):
    """Number and days of the next edition. Blank days of the stage are computed, moved by whole weeks."""

    number = forms.CharField(
        label=_("Numéro"),
        max_length=Offer._meta.get_field("number").max_length,
        error_messages={"required": _("Inscrivez le numéro de la copie.")},
    )
    closes_on = forms.DateField(
        label=_("Date limite d’inscription"),
        widget=DayInput,
        help_text=_("La date inscrite, le jour entier."),
        error_messages={"required": _("Inscrivez la date limite de la copie.")},
    )
    starts_on = forms.DateField(label=_("Début du stage"), widget=DayInput, required=False)
    ends_on = forms.DateField(
        label=_("Fin du stage"),
        widget=DayInput,
        required=False,
        help_text=_(
            "Sans dates de stage, elles suivent la date limite, en semaines entières : mêmes "
            "jours de la semaine, même durée."
        ),
    )

    def clean_number(self) -> str:
        """Raise if the number does not fit an address, or another offer has it."""
        number: str = self.cleaned_data["number"]
        if not re.fullmatch(r"[0-9A-Za-z]+(-[0-9A-Za-z]+)*", number):
            raise forms.ValidationError(
                _("Un numéro contient des chiffres, des lettres et des traits d’union.")
            )
        if Offer.objects.filter(number=number).exists():
            raise forms.ValidationError(_("Une autre offre porte déjà ce numéro."))
        return number

    def clean(self) -> dict[str, Any]:
        """Add errors if only one day of the stage is given, or the days contradict one another."""
        cleaned = super().clean() or self.cleaned_data
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if self.errors:
            return cleaned
        if (starts_on is None) != (ends_on is None):
            self.add_error("ends_on", _("Inscrivez les deux dates du stage, ou aucune."))
        elif starts_on is not None and ends_on is not None:
            if ends_on <= starts_on:
                self.add_error("ends_on", _("Le stage doit finir après son début."))
            if starts_on <= cleaned["closes_on"]:
                self.add_error("starts_on", _("Le stage doit commencer après la date limite."))
        return cleaned


def suggest_next_edition(offer: Offer) -> dict[str, Any]:
    """Return initial values for a copy of `offer`: the next year, on the same weekdays (52 weeks later)."""
    year = _YEAR.match(offer.number or "")
    return {
        "number": f"{int(year[0]) + 1}{year.string[4:]}" if year else "",
        "closes_on": offer.closes_on + EDITION,
        "starts_on": offer.starts_on + EDITION,
        "ends_on": offer.ends_on + EDITION,
    }
