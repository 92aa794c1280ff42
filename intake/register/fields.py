"""Fields of what the register is told: the same on pages and in the lists that are imported."""

import datetime as dt
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyTextField, TypedDateField
from intake.profiles.models import EARLIEST_BIRTH

from .models import EARLIEST_YEAR

_MAX_NAME_LENGTH = 150
_MIN_AGE = 15
"""Years of age below which nobody took part: two columns were exchanged."""
TOO_YOUNG: Final = _("L’année ne va pas avec la date de naissance : vérifiez les deux.")


class NameField(TidyTextField):
    """A name, by which somebody can be recognised."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"max_length": _MAX_NAME_LENGTH} | kwargs))
        self.error_messages["required"] = _("Ce nom est nécessaire.")

    def validate(self, value: str) -> None:
        """Refuse a name without a letter, and what a spreadsheet computes: it was no name."""
        super().validate(value)
        if value.startswith(("=", "+", "@")):
            raise ValidationError(_("C’est une formule de tableur, pas un nom."), code="formula")
        if value and not any(char.isalpha() for char in value):
            raise ValidationError(_("Un nom a au moins une lettre."), code="nameless")


class BirthField(TypedDateField):
    """A day of birth, typed as people write it; not after `latest`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"earliest": EARLIEST_BIRTH} | kwargs))
        self.error_messages["required"] = _("La date de naissance est nécessaire.")


class YearField(forms.IntegerField):
    """A year in figures, from the register's first to `latest`."""

    def __init__(self, *, latest: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.latest = latest
        self.error_messages |= {
            "required": _("L’année est nécessaire."),
            "invalid": _("L’année s’écrit en quatre chiffres."),
        }

    def validate(self, value: int | None) -> None:
        """Refuse a year outside the register's."""
        super().validate(value)
        if value is not None and not EARLIEST_YEAR <= value <= self.latest:
            bounds = {"first": EARLIEST_YEAR, "last": self.latest}
            raise ValidationError(_("L’année va de %(first)d à %(last)d.") % bounds, code="outside")


def is_of_age(birth_date: dt.date, year: int) -> bool:
    """Say whether somebody born then can have taken part in that year."""
    return year - birth_date.year >= _MIN_AGE
