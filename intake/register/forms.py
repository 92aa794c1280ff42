"""Fields and forms to search, enter, import and remove participations. They parse and check; services write.

Autocompletion is off: the browser must not store names of other people.
"""

import datetime as dt
from typing import Any, Final, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyTextField, TypedDateField
from intake.profiles.models import EARLIEST_BIRTH
from intake.web import formats
from offers.models import Programme

from .errors import NotUtf8Error
from .models import EARLIEST_YEAR, Removal

_MAX_REASON_LENGTH = Removal._meta.get_field("reason").max_length or 0
_MAX_NAME_LENGTH = 150
_MIN_AGE = 15
"""Years. A lower age at participation means that two columns were exchanged."""
TOO_YOUNG: Final = _("L’année ne correspond pas à la date de naissance : vérifiez les deux.")
MAX_BYTES: Final = 1024 * 1024
"""Bytes; about 20,000 lines."""


class NameField(TidyTextField):
    """A name that contains a letter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"max_length": _MAX_NAME_LENGTH} | kwargs))
        self.error_messages["required"] = _("Inscrivez ce nom.")

    def validate(self, value: str) -> None:
        """Raise if the name contains no letter or is a spreadsheet formula."""
        super().validate(value)
        if value.startswith(("=", "+", "@")):
            raise ValidationError(_("C’est une formule de tableur, pas un nom."), code="formula")
        if value and not any(char.isalpha() for char in value):
            raise ValidationError(_("Un nom doit avoir au moins une lettre."), code="nameless")


class BirthField(TypedDateField):
    """A birth date, typed as text; `latest` is inclusive."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"earliest": EARLIEST_BIRTH} | kwargs))
        self.error_messages["required"] = _("Inscrivez la date de naissance.")


class YearField(forms.IntegerField):
    """A year from `EARLIEST_YEAR` to `latest`, inclusive."""

    def __init__(self, *, latest: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.latest = latest
        self.error_messages |= {
            "required": _("Inscrivez l’année."),
            "invalid": _("Inscrivez l’année en quatre chiffres."),
        }

    def validate(self, value: int | None) -> None:
        """Raise if the year is out of bounds."""
        super().validate(value)
        if value is not None and not EARLIEST_YEAR <= value <= self.latest:
            bounds = {"first": EARLIEST_YEAR, "last": self.latest}
            raise ValidationError(_("L’année doit être de %(first)d à %(last)d.") % bounds, code="outside")


def is_of_age(birth_date: dt.date, year: int) -> bool:
    """True if a person born on `birth_date` turns at least `_MIN_AGE` in `year`."""
    return year - birth_date.year >= _MIN_AGE


def decode_utf8(data: bytes) -> str:
    """Decode a file in UTF-8, with or without a byte order mark.

    :raises NotUtf8Error: if it is not UTF-8, or contains a NUL, which shows UTF-16 or binary data.
    """
    before, nul, _after = data.partition(b"\0")
    if nul:
        raise NotUtf8Error(line=before.count(b"\n") + 1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotUtf8Error(line=data[: error.start].count(b"\n") + 1) from error


class _RegisterForm(forms.Form):
    """A form about one programme. `on` is the current day, which bounds a birth date and a year."""

    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"), empty_label=None)

    def __init__(self, *args: Any, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
        self.on = on
        cast("Any", self.fields["programme"]).queryset = Programme.objects.order_by("pk")
        latest = {"birth_date": on, "year": on.year + 1}
        for name, field in self.fields.items():
            if name in latest:
                cast("Any", field).latest = latest[name]
            field.widget.attrs["autocomplete"] = "off"


class PersonForm(_RegisterForm):
    """A person to search in a programme."""

    last_name = NameField(label=_("Nom de famille"))
    first_name = NameField(label=_("Prénoms"), help_text=_("Tous les prénoms connus, dans l’ordre."))
    birth_date = BirthField(
        label=_("Date de naissance"), help_text=_("Par exemple : 4 mai 1998, ou 1998-05-04.")
    )


class EnterForm(PersonForm):
    """A participation to enter: person, programme and year."""

    year = YearField(
        latest=0,
        label=_("Année de la participation"),
        help_text=_("Année du début de la participation."),
    )

    def clean(self) -> dict[str, Any]:
        """Add an error if the person was too young in `year`: the values were exchanged."""
        cleaned = self.cleaned_data
        if {"birth_date", "year"} <= cleaned.keys() and not is_of_age(cleaned["birth_date"], cleaned["year"]):
            self.add_error("year", TOO_YOUNG)
        return cleaned


class ListForm(_RegisterForm):
    """A list in CSV: a file, or `text`, the list that the page has just counted."""

    file = forms.FileField(
        label=_("Liste, en CSV UTF-8"),
        required=False,
        help_text=_(
            "Quatre colonnes, nommées à la première ligne : last_name, first_name, birth_date "
            "et year ; séparées par des virgules ou des points-virgules."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"empty": _("Ce fichier est vide.")},
    )
    text = forms.CharField(required=False, strip=False, max_length=MAX_BYTES, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Set `text` to the decoded file, if a file was sent."""
        cleaned = self.cleaned_data
        file = cleaned.get("file")
        if "file" in self.errors:
            return cleaned
        if file is None and not cleaned.get("text"):
            self.add_error("file", _("Choisissez le fichier de la liste."))
        elif file is not None and file.size > MAX_BYTES:
            most = formats.file_size(MAX_BYTES)
            self.add_error(
                "file", _("Ce fichier dépasse %(most)s : importez-le en plusieurs fois.") % {"most": most}
            )
        elif file is not None:
            try:
                cleaned["text"] = decode_utf8(file.read())
            except NotUtf8Error as refusal:
                self.add_error("file", str(refusal))
        return cleaned


class RemoveForm(forms.Form):
    """Reason for removing a row."""

    reason = forms.CharField(
        label=_("Motif"),
        max_length=_MAX_REASON_LENGTH,
        help_text=_("Ce motif reste au registre. N’inscrivez ni nom ni date de naissance."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"required": _("Expliquez pourquoi en quelques mots.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
