"""Parser of days and pairs of days as offers print them."""

import re
from dataclasses import dataclass
from datetime import date

from .lines import fold, squash
from .parts import PageUnreadableError, Problem

_MONTHS = {
    "janvier": 1,
    "fevrier": 2,
    "mars": 3,
    "avril": 4,
    "mai": 5,
    "juin": 6,
    "juillet": 7,
    "aout": 8,
    "septembre": 9,
    "octobre": 10,
    "novembre": 11,
    "decembre": 12,
    "janv": 1,
    "fevr": 2,
    "fev": 2,
    "avr": 4,
    "juil": 7,
    "sept": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
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
    found = _ONE.match(squash(fold(printed)))
    if not found or not (found["a_iso"] or (found["a_month"] and found["a_year"])):
        raise PageUnreadableError(Problem.NOT_READ, field=field, line=line, excerpt=printed)
    on = _make_date(found, "a", year=int(found["a_year"] or 0), field=field, line=line, printed=printed)
    return ParsedDays((on,), found["rest"], _differs(found, "a", on))


def read_days(printed: str, *, field: str, line: int) -> ParsedDays:
    """Read a first and a last day. Either may omit its year, and the first its month: the other day gives it.

    :raises PageUnreadableError: NOT_READ; NO_SUCH_DAY; ENDS_BEFORE_START.
    """
    found = _TWO.match(squash(fold(printed)))
    refusal = PageUnreadableError(Problem.NOT_READ, field=field, line=line, excerpt=printed)
    if not found or not (found["b_iso"] or found["b_month"]):
        raise refusal
    years = _years(found)
    if years is None:
        raise refusal
    first = _make_date(found, "a", year=years[0], field=field, line=line, printed=printed)
    last = _make_date(found, "b", year=years[1], field=field, line=line, printed=printed)
    if last <= first:
        raise PageUnreadableError(Problem.ENDS_BEFORE_START, field=field, line=line, excerpt=printed)
    return ParsedDays((first, last), found["rest"], _differs(found, "a", first) or _differs(found, "b", last))


def _years(found: re.Match[str]) -> tuple[int, int] | None:
    """Return the years of a pair. A missing year is the one with which the stage starts before it ends."""
    first, last = _printed_year(found, "a"), _printed_year(found, "b")
    backwards = _place_in_year(found, "a") > _place_in_year(found, "b")
    if last is not None:
        return (last - backwards if first is None else first), last
    return None if first is None else (first, first + backwards)


def _printed_year(found: re.Match[str], name: str) -> int | None:
    printed = found[f"{name}_year"] or (found[f"{name}_iso"] or "")[:4]
    return int(printed) if printed else None


def _place_in_year(found: re.Match[str], name: str) -> tuple[int, int]:
    if found[f"{name}_iso"]:
        _year, month, day = map(int, found[f"{name}_iso"].split("-"))
        return month, day
    return _month(found, name), _number(found, name)


def _month(found: re.Match[str], name: str) -> int:
    """Return the month of a day; a first day without a month has the month of the last day."""
    printed = found.groupdict()
    return _MONTHS.get(printed[f"{name}_month"] or printed.get("b_month") or "", 0)


def _number(found: re.Match[str], name: str) -> int:
    return 1 if found[f"{name}_day"] == "premier" else int(found[f"{name}_day"])


def _make_date(found: re.Match[str], name: str, *, year: int, field: str, line: int, printed: str) -> date:
    try:
        if found[f"{name}_iso"]:
            return date.fromisoformat(found[f"{name}_iso"])
        return date(year, _month(found, name), _number(found, name))
    except ValueError:
        raise PageUnreadableError(Problem.NO_SUCH_DAY, field=field, line=line, excerpt=printed) from None


def _differs(found: re.Match[str], name: str, on: date) -> bool:
    named = found[f"{name}_weekday"]
    return named is not None and _WEEKDAYS[on.weekday()] != named
