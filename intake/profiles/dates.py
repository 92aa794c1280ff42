"""Parse a day as people type it, in French or in English, whatever the active language. Pure."""

import datetime as dt
import re
import unicodedata
from calendar import monthrange
from contextlib import suppress
from enum import StrEnum

MAX_LENGTH = 60  # characters; longer than any typed day

_MONTH_NAMES = {
    1: "janvier janv jan january",
    2: "fevrier fevr fev february febr feb",
    3: "mars mar march",
    4: "avril avr april apr",
    5: "mai may",
    6: "juin june jun",
    7: "juillet juil july jul",
    8: "aout august aug",
    9: "septembre september sept sep",
    10: "octobre october oct",
    11: "novembre november nov",
    12: "decembre december dec",
}
_MONTHS = {name: number for number, names in _MONTH_NAMES.items() for name in names.split()}
_SMALL_WORDS = frozenset(
    {
        *("le", "the", "of", "on", "de", "du"),
        *("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    }
)
_ORDINAL = re.compile(r"(?<=\d)(?:er|e|st|nd|rd|th)\b")
_TOKEN = re.compile(r"\d+|[a-z]+")
_BETWEEN = re.compile(r"[\s.,/\-]*")
_YEAR_DIGITS = 4
_SHORT_YEAR_DIGITS = 2
_MAX_DAY_DIGITS = 2


class DateProblem(StrEnum):
    """Why a text could not be parsed as a day."""

    UNREADABLE = "UNREADABLE"
    AMBIGUOUS = "AMBIGUOUS"
    NO_SUCH_DAY = "NO_SUCH_DAY"
    SHORT_YEAR = "SHORT_YEAR"
    NO_DAY = "NO_DAY"


class DateRefused(ValueError):
    """The text is not one day.

    `readings` has the two possible days of an AMBIGUOUS text, and the last day of the month of a NO_DAY one.
    """

    def __init__(self, code: DateProblem, readings: tuple[dt.date, ...] = ()) -> None:
        super().__init__(code.value)
        self.code = code
        self.readings = readings


def parse_date(text: str) -> dt.date:
    """Parse `text` as one day.

    Accepts `1998-05-04` (year first), `4 mai 1998`, `1er mai 1998` and `May 4, 1998`, with or without accents,
    capitals, weekday and common abbreviations; `31/05/1998` if only one order gives a day. Years have four digits.

    :raises DateRefused: AMBIGUOUS for `04/05/1998`; SHORT_YEAR for `4 mai 98`; NO_SUCH_DAY for `30 février 1998`;
        NO_DAY for `mai 1998` and `05/1998`; UNREADABLE for anything else.
    """
    tokens = _tokens(text)
    named = [token for token in tokens if token in _MONTHS]
    figures = [token for token in tokens if token.isdigit()]
    if len(named) + len(figures) != len(tokens) or len(named) > 1:
        raise DateRefused(DateProblem.UNREADABLE)
    if named:
        return _with_a_named_month(_MONTHS[named[0]], tokens.index(named[0]), figures)
    return _in_figures(figures)


def _tokens(text: str) -> list[str]:
    """Return the words and numbers of `text`, without accents, ordinal suffixes and `_SMALL_WORDS`."""
    # Slice: limit the work for a very long pasted text.
    decomposed = unicodedata.normalize("NFKD", text[: MAX_LENGTH + 1])
    if len(text.strip()) > MAX_LENGTH:
        raise DateRefused(DateProblem.UNREADABLE)
    plain = "".join(char for char in decomposed if not unicodedata.combining(char)).lower()
    plain = "".join(str(unicodedata.decimal(char, "")) or char for char in plain)
    plain = _ORDINAL.sub("", plain)
    if _BETWEEN.fullmatch(_TOKEN.sub("", plain)) is None:
        raise DateRefused(DateProblem.UNREADABLE)
    return [token for token in _TOKEN.findall(plain) if token not in _SMALL_WORDS]


def _with_a_named_month(month: int, place: int, figures: list[str]) -> dt.date:
    match figures:
        case [year] if len(year) == _YEAR_DIGITS:
            raise _without_day(int(year), month)
        case [first, second] if len(first) == _YEAR_DIGITS and place == 1:
            day, year = second, first  # 1998 mai 4
        case [first, second] if place <= 1:
            day, year = first, second  # 4 mai 1998, May 4 1998
        case _:
            raise DateRefused(DateProblem.UNREADABLE)
    if len(day) > _MAX_DAY_DIGITS:
        raise DateRefused(DateProblem.UNREADABLE)
    _require_long_year(year)
    return _day(int(year), month, int(day))


def _in_figures(figures: list[str]) -> dt.date:
    match figures:
        case [year, month, day] if len(year) == _YEAR_DIGITS and max(len(month), len(day)) <= _MAX_DAY_DIGITS:
            return _day(int(year), int(month), int(day))
        case [first, second] if {len(first), len(second)} in ({4, 1}, {4, 2}):
            year, month = sorted((first, second), key=len, reverse=True)
            raise _without_day(int(year), int(month))
        case [first, second, year] if max(len(first), len(second)) <= _MAX_DAY_DIGITS:
            _require_long_year(year)
        case _:
            raise DateRefused(DateProblem.UNREADABLE)
    # 04/05 can be in April or in May; 31/05 has one reading.
    readings: list[dt.date] = []
    for its_day, its_month in ((first, second), (second, first)):
        with suppress(ValueError):
            readings.append(dt.date(int(year), int(its_month), int(its_day)))
    match list(dict.fromkeys(readings)):
        case []:
            raise DateRefused(DateProblem.NO_SUCH_DAY)
        case [only]:
            return only
        case several:
            raise DateRefused(DateProblem.AMBIGUOUS, tuple(several))


def _without_day(year: int, month: int) -> DateRefused:
    first = _day(year, month, 1)
    return DateRefused(DateProblem.NO_DAY, (first.replace(day=monthrange(year, month)[1]),))


def _require_long_year(year: str) -> None:
    if len(year) == _SHORT_YEAR_DIGITS:
        raise DateRefused(DateProblem.SHORT_YEAR)
    if len(year) != _YEAR_DIGITS:
        raise DateRefused(DateProblem.UNREADABLE)


def _day(year: int, month: int, day: int) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise DateRefused(DateProblem.NO_SUCH_DAY) from None
