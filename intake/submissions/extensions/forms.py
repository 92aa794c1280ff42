"""Form of a personal extension. It parses and validates; the operation checks the rules."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.base.widgets import DayInput
from intake.submissions.models import PersonalExtension
from offers.date_formats import format_day
from offers.models import Offer

REASON_LENGTH = PersonalExtension._meta.get_field("reason").max_length


class PersonalExtensionForm(forms.Form):
    """Last day and reason of a personal extension."""

    closes_on = forms.DateField(
        label=_("Date limite personnelle"),
        widget=DayInput,
        help_text=_("Le jour entier, jusqu’à l’heure de fermeture de l’offre."),
        error_messages={"required": _("Choisissez la date limite personnelle de cette personne.")},
    )
    reason = forms.CharField(
        label=_("Motif"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "La personne candidate lira ce motif, et le personnel aussi. Le comité ne le voit "
            "pas. N’inscrivez rien sur la santé de la personne."
        ),
        error_messages={"required": _("Expliquez pourquoi en quelques mots.")},
    )
    seen = forms.DateTimeField(widget=forms.HiddenInput)
    """The candidate's exclusive closing that the page displayed."""

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.offer = offer

    def clean_closes_on(self) -> date:
        """Raise unless the day is before the start of the stage."""
        closes_on: date = self.cleaned_data["closes_on"]
        if closes_on >= self.offer.starts_on:
            raise forms.ValidationError(
                _("Le stage commence le %(day)s : la date limite doit être avant ce jour.")
                % {"day": format_day(self.offer.starts_on)}
            )
        return closes_on
