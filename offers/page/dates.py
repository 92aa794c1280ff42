"""Parser of days and pairs of days as offers print them."""

import re
from dataclasses import dataclass
from datetime import date
from functools import partial

from .lines import fold, squash
from .parts import PageUnreadableError, Problem

_MONTH_NAMES = (
    *("janvier", "fevrier", "mars", "avril", "mai", "juin"),
    *("juillet", "aout", "septembre", "octobre", "novembre", "decembre"),
)
_ABBREVIATIONS = ("janv", "fevr", "fev", "avr", "juil", "sept", "oct", "nov", "dec")
_MONTHS = {
    printed: number
    for number, name in enumerate(_MONTH_NAMES, start=1)
    for printed in (name, *(short for short in _ABBREVIATIONS if name.startswith(short)))
}
_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))


def _day(name: str) -> str:
    return (
        rf"(?:(?P<{name}_weekday>{'|'.join(_WEEKDAYS)}),? )?"
        rf"(?:(?P<{name}_iso>\d{{4}}-\d{{2}}-\d{{2}})|"
        rf"(?P<{name}_day>\d{{1,2}}|premier)(?: ?er)?\b"
        rf"(?: (?P<{name}_month>{_MONTH})\b\.?)?(?: (?P<{name}_year>\d{{4}})\b)?)"
    )


_ONE = re.compile(rf"^(?:(?:le|au plus tard le|jusqu'au) )?{_day('a')}(?P<rest>.*)$", re.ASCII)
_TWO = re.compile(
    rf"^(?:(?:du|de|le|entre le) )?{_day('a')} ?(?:au|a|-|jusqu'au|et le) ?(?:le )?{_day('b')}(?P<rest>.*)$",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class ParsedDays:
    """The days read, the unread rest, and whether a printed weekday differs from the day's own."""

    days: tuple[date, ...]
    rest: str
    weekday_differs: bool


def read_day(printed: str, *, field: str, line: int) -> ParsedDays:
    """Read one day with its year: `1 octobre 2023`, `Le dimanche 1er octobre 2023`, `2023-10-01`.

    :raises PageUnreadableError: NOT_READ, or NO_SUCH_DAY if the day does not exist.
    """
    match = _ONE.match(squash(fold(printed)))
    unreadable = partial(PageUnreadableError, field=field, line=line, excerpt=printed)
    if not match or not (match["a_iso"] or (match["a_month"] and match["a_year"])):
        raise unreadable(Problem.NOT_READ)
    year, (month, day) = _printed_day(match, "a")
    try:
        on = date(year or 0, month, day)
    except ValueError:
        raise unreadable(Problem.NO_SUCH_DAY) from None
    return ParsedDays((on,), match["rest"], _differs(match, "a", on))


def read_days(printed: str, *, field: str, line: int) -> ParsedDays:
    """Read a first and a last day. Either may omit its year, and the first its month: the other day gives it.

    :raises PageUnreadableError: NOT_READ; NO_SUCH_DAY; ENDS_BEFORE_START.
    """
    match = _TWO.match(squash(fold(printed)))
    unreadable = partial(PageUnreadableError, field=field, line=line, excerpt=printed)
    if not match or not (match["b_iso"] or match["b_month"]):
        raise unreadable(Problem.NOT_READ)
    first_year, first_place = _printed_day(match, "a")
    last_year, last_place = _printed_day(match, "b")
    years = _years(first_year, last_year, backwards=first_place > last_place)
    if years is None:
        raise unreadable(Problem.NOT_READ)
    try:
        first, last = date(years[0], *first_place), date(years[1], *last_place)
    except ValueError:
        raise unreadable(Problem.NO_SUCH_DAY) from None
    if last <= first:
        raise unreadable(Problem.ENDS_BEFORE_START)
    return ParsedDays((first, last), match["rest"], _differs(match, "a", first) or _differs(match, "b", last))


def _years(first: int | None, last: int | None, *, backwards: bool) -> tuple[int, int] | None:
    """Return the years of a pair. A missing year is the one with which the stage starts before it ends."""
    if last is not None:
        return (last - backwards if first is None else first), last
    return None if first is None else (first, first + backwards)


def _printed_day(match: re.Match[str], name: str) -> tuple[int | None, tuple[int, int]]:
    """Return the year, if printed, then month and day. Without its own month, a day has that of the last day, or 0."""
    printed = match.groupdict()
    if printed[f"{name}_iso"]:
        year, month, day = map(int, printed[f"{name}_iso"].split("-"))
        return year, (month, day)
    month = _MONTHS.get(printed[f"{name}_month"] or printed.get("b_month") or "", 0)
    day = 1 if printed[f"{name}_day"] == "premier" else int(printed[f"{name}_day"])
    return int(printed[f"{name}_year"]) if printed[f"{name}_year"] else None, (month, day)


def _differs(match: re.Match[str], name: str, on: date) -> bool:
    named = match[f"{name}_weekday"]
    return named is not None and _WEEKDAYS[on.weekday()] != named
