"""Form fields of register entries, used by the pages and by the CSV import."""

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
"""Years. A lower age at participation means that two columns were exchanged."""
TOO_YOUNG: Final = _("L’année ne va pas avec la date de naissance : vérifiez les deux.")


class NameField(TidyTextField):
    """A name that contains a letter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"max_length": _MAX_NAME_LENGTH} | kwargs))
        self.error_messages["required"] = _("Ce nom est nécessaire.")

    def validate(self, value: str) -> None:
        """Raise if the name contains no letter or is a spreadsheet formula."""
        super().validate(value)
        if value.startswith(("=", "+", "@")):
            raise ValidationError(_("C’est une formule de tableur, pas un nom."), code="formula")
        if value and not any(char.isalpha() for char in value):
            raise ValidationError(_("Un nom a au moins une lettre."), code="nameless")


class BirthField(TypedDateField):
    """A birth date, typed as text; `latest` is inclusive."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"earliest": EARLIEST_BIRTH} | kwargs))
        self.error_messages["required"] = _("La date de naissance est nécessaire.")


class YearField(forms.IntegerField):
    """A year from `EARLIEST_YEAR` to `latest`, inclusive."""

    def __init__(self, *, latest: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.latest = latest
        self.error_messages |= {
            "required": _("L’année est nécessaire."),
            "invalid": _("L’année s’écrit en quatre chiffres."),
        }

    def validate(self, value: int | None) -> None:
        """Raise if the year is out of bounds."""
        super().validate(value)
        if value is not None and not EARLIEST_YEAR <= value <= self.latest:
            bounds = {"first": EARLIEST_YEAR, "last": self.latest}
            raise ValidationError(_("L’année va de %(first)d à %(last)d.") % bounds, code="outside")


def is_of_age(birth_date: dt.date, year: int) -> bool:
    """True if a person born on `birth_date` turns at least `_MIN_AGE` in `year`."""
    return year - birth_date.year >= _MIN_AGE
