"""Form fields for personal data: names in any script, days, telephone numbers."""

import datetime as dt
import re
import unicodedata
from typing import Any, Final, NoReturn

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber, to_python

from intake.profiles.dates import DateProblem, DateRefused, parse_date
from intake.web import formats

# Invisible characters that reorder the letters around them (one name could be displayed as another) or that only word
# processors use. Joiners are kept: Persian and the scripts of India need them.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

_VISIBLE = frozenset("LNPS")  # Unicode categories; a mark or joiner is visible only beside one

EXTENSION_WORD: Final = re.compile(r"[\s,]*\b(?:poste|ext)\b[\s.:]*(?=\d)", re.IGNORECASE)
MAX_EXTENSION_DIGITS: Final = 8
MOST_TYPED: Final = 500
"""Characters of one line that are read as a day or a number, and kept if they are neither."""
_NORTH_AMERICAN = re.compile(r"\+1(\d{3})(\d{3})(\d{4})")


def tidy_text(text: str) -> str:
    """Return `text` in NFC, on one line, without control and `_INVISIBLE` characters; empty if nothing is visible."""
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    tidied = " ".join("".join(" " if unicodedata.category(char) == "Cc" else char for char in text).split())
    return tidied if any(unicodedata.category(char)[0] in _VISIBLE for char in tidied) else ""


def tidy_paragraphs(text: str) -> str:
    """Return `text` tidied line by line, with line feeds and at most one empty line in a row.

    Browsers send a line end as two characters, which would count twice in the length.
    """
    lines: list[str] = []
    for line in text.splitlines():
        tidied = tidy_text(line)
        if tidied or (lines and lines[-1]):
            lines.append(tidied)
    return "\n".join(lines).strip("\n")


class _TidyField(forms.CharField):
    """Text field that tidies the text before it checks its length, and formats the numbers in its error message.

    The input accepts more than `max_length` characters: a pasted text is not truncated, and the error gives its length.
    """

    tidy = staticmethod(tidy_text)
    default_error_messages = {
        "max_length": _("Ce texte a %(show_value)s caractères ; le maximum est de %(limit_value)s."),
    }

    def to_python(self, value: Any) -> str:
        """Return the tidied text."""
        return self.tidy(super().to_python(value) or "")

    def run_validators(self, value: Any) -> None:
        """Format the character counts of the error with a thousands separator."""
        try:
            super().run_validators(value)
        except ValidationError as refused:
            for error in refused.error_list:
                if error.code == "max_length" and error.params:
                    counts = {key: formats.number(error.params[key]) for key in ("show_value", "limit_value")}
                    error.params = {**error.params, **counts}
            raise

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Omit `maxlength`: the browser would truncate a pasted text without an error."""
        return {key: value for key, value in super().widget_attrs(widget).items() if key != "maxlength"}


class TidyTextField(_TidyField):
    """One line of text in any script."""


class TidyParagraphsField(_TidyField):
    """Several lines of text in any script."""

    widget = forms.Textarea
    tidy = staticmethod(tidy_paragraphs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Give the limit to the page's counter as `data-limit`."""
        attrs = super().widget_attrs(widget)
        return attrs if self.max_length is None else attrs | {"data-limit": str(self.max_length), "rows": "5"}


class ShortBoundField(forms.BoundField):
    """Bound field of a short answer: its input is narrow."""

    def css_classes(self, extra_classes: Any = None) -> str:
        """Add the CSS class of narrow inputs."""
        return super().css_classes(f"short-field {extra_classes or ''}")


class TypedDateField(forms.Field):
    """A day typed as text (see `parse_date`), from `earliest` to `latest`, inclusive; None: no bound.

    With `takes_month`, a month without a day is its last day.
    """

    widget = forms.TextInput
    bound_field_class = ShortBoundField
    default_error_messages = {
        DateProblem.UNREADABLE: _(
            "Cette date est illisible. Inscrivez-la ainsi : 4 mai 1998, ou 1998-05-04."
        ),
        DateProblem.AMBIGUOUS: _(
            "« %(text)s » a deux sens possibles, %(first)s ou %(second)s. Inscrivez le mois en "
            "lettres, par exemple : %(first)s."
        ),
        DateProblem.NO_SUCH_DAY: _("Ce jour n’existe pas au calendrier. Vérifiez le jour et le mois."),
        DateProblem.SHORT_YEAR: _("Inscrivez l’année en quatre chiffres, par exemple : 4 mai 1998."),
        DateProblem.NO_DAY: _("Il manque le jour. Inscrivez la date complète, par exemple : 4 mai 1998."),
        "too_early": _("Vérifiez l’année : la date doit être le %(bound)s ou après."),
        "too_late": _("Vérifiez l’année : la date doit être le %(bound)s ou avant."),
    }

    def __init__(
        self,
        *,
        earliest: dt.date | None = None,
        latest: dt.date | None = None,
        takes_month: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.takes_month = takes_month
        self.earliest = earliest
        self.latest = latest

    def to_python(self, value: Any) -> dt.date | None:
        """Return the day, or None if the input is empty."""
        if isinstance(value, dt.date):
            return value
        text = str(value or "").strip()
        if not text:
            return None
        if len(text) > MOST_TYPED:
            raise ValidationError(self.error_messages[DateProblem.UNREADABLE], code=DateProblem.UNREADABLE)
        try:
            return parse_date(text)
        except DateRefused as refused:
            if refused.code == DateProblem.NO_DAY and self.takes_month:
                return refused.readings[0]
            readings = zip(("first", "second"), map(format_typed_day, refused.readings), strict=False)
            params = {"text": text, **dict(readings)}
            message = self.error_messages[refused.code]
            raise ValidationError(message, code=refused.code, params=params) from refused

    def validate(self, value: dt.date | None) -> None:
        """Raise if a required day is missing, or if the day is out of bounds."""
        super().validate(value)
        if value is None:
            return
        if self.earliest and value < self.earliest:
            self._refuse("too_early", self.earliest)
        if self.latest and value > self.latest:
            self._refuse("too_late", self.latest)

    def _refuse(self, code: str, bound: dt.date) -> NoReturn:
        raise ValidationError(self.error_messages[code], code=code, params={"bound": format_typed_day(bound)})

    def prepare_value(self, value: Any) -> Any:
        """Return a day as it would be typed; return typed text unchanged."""
        return format_typed_day(value) if isinstance(value, dt.date) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the parsed days, not the texts."""
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


def stored_phone(number: PhoneNumber) -> str:
    """Return a number as stored: in E.164, then its extension as RFC 3966 has it, `+14185550142;ext=12`."""
    return f"{number.as_e164};ext={number.extension}" if number.extension else str(number.as_e164)


def split_phone(stored: str) -> tuple[str, str]:
    """Return a stored number without its extension, and the extension, empty if it has none."""
    number, _mark, extension = stored.partition(";ext=")
    return number, extension


def format_phone(stored: str) -> str:
    """Return a stored number as written in Québec: `418 555-0142, poste 12`; others keep their country code."""
    number, extension = split_phone(stored)
    canadian = _NORTH_AMERICAN.fullmatch(number)
    parsed = None if canadian else to_python(number)
    if canadian:
        number = "{} {}-{}".format(*canadian.groups())
    elif parsed and parsed.is_valid():
        number = str(parsed.as_international)
    return with_extension(number, extension)


def with_extension(number: str, extension: str) -> str:
    """Return a written number with its extension in the active language; alone if that is empty."""
    if not extension:
        return number
    return gettext("%(phone)s, poste %(extension)s") % {"phone": number, "extension": extension}


def format_typed_day(day: dt.date) -> str:
    """Return `day` as it would be typed, with ordinary spaces: `4 mai 1998`."""
    return formats.day(day).replace(formats.NBSP, " ")
