"""Forms of the registers of personal information. Forms validate and never save."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.base.widgets import DayInput
from intake.journal.selectors import action_choices

from .access_register import RegisterFilter, find_user

_WORDS_MAX = 254


class PersonField(forms.CharField):
    """An account, by its address or by a receipt number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=_WORDS_MAX, required=False, **kwargs)
        self.widget.attrs["autocomplete"] = "off"

    def clean(self, value: Any) -> User | None:
        """Return the account, or None for an empty text."""
        words = super().clean(value)
        return find_user(words) if words else None


class RegisterForm(forms.Form):
    """Filter of the access register. It is posted: addresses of people do not belong in a URL, which is logged."""

    person = PersonField(
        label=_("Personne concernée"), help_text=_("Son adresse courriel, ou le numéro d’un de ses dépôts.")
    )
    reader = PersonField(label=_("Consulté par"), help_text=_("L’adresse courriel de la personne qui a agi."))
    action = forms.ChoiceField(label=_("Action"), required=False)
    since = forms.DateField(label=_("Du"), required=False, widget=DayInput)
    until = forms.DateField(label=_("Au"), required=False, widget=DayInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
        field = self.fields["action"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("Toutes")), *action_choices()]

    def clean(self) -> dict[str, Any]:
        """Raise if the last day is before the first."""
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if isinstance(since, dt.date) and isinstance(until, dt.date) and until < since:
            self.add_error("until", ValidationError(_("Le dernier jour précède le premier."), code="before"))
        return cleaned

    def wanted(self) -> RegisterFilter:
        """Return the filter of a valid form."""
        return RegisterFilter(**{name: self.cleaned_data[name] for name in self.fields})

    @classmethod
    def of(cls, wanted: RegisterFilter) -> "RegisterForm":
        """Return a form that shows the filter."""
        return cls(
            initial={
                "person": wanted.person.email if wanted.person else "",
                "reader": wanted.reader.email if wanted.reader else "",
                "action": wanted.action,
                "since": wanted.since,
                "until": wanted.until,
            }
        )
