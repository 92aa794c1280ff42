"""Ages and durations in the civil calendar. The unit is the calendar month; a day is a `datetime.date`.

The only convention (`docs/rules.md#ages-and-durations`): a day that does not exist becomes the first of the next
month. A birthday of 29 February therefore falls on 1 March in common years.
"""

from calendar import isleap
from datetime import MAXYEAR, MINYEAR, date
from functools import lru_cache

MONTHS_PER_YEAR = 12
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 1


def completed_years(birth_on: date, on: date) -> int:
    """Return the years completed on day `on` by a person born on `birth_on`; negative before the birth."""
    before_birthday = (on.month, on.day) < (birth_on.month, birth_on.day)
    return on.year - birth_on.year - before_birthday


def plus(day: date, months: int) -> date | None:
    """Return the day that comes `months` calendar months (0 or more) after `day`: 1 March for 31 January and one month.

    A day that does not exist becomes the first of the next month. None if the day is after 31 December 9999, the last
    day of `date`.

    :raises ValueError: if `months` is negative.
    """
    if months < 0:
        message = "a duration cannot be negative"
        raise ValueError(message)
    year, month = _moved(day, months)
    if year > MAXYEAR:
        return None
    if day.day > _length(year, month):
        return date(year, month + 2, 1)  # December has 31 days: the next month is in the same year
    return date(year, month + 1, day.day)


@lru_cache(maxsize=1024)
def latest_start(end: date, months: int) -> date | None:
    """Return the last day from which `months` calendar months have passed on `end`: `plus(day, months) <= end`.

    None if that day is before 1 January of the year 1, the first day of `date`.
    """
    year, month = _moved(end, -months)
    if year < MINYEAR:
        return None
    return date(year, month + 1, min(end.day, _length(year, month)))


@lru_cache(maxsize=1024)
def earliest_start(end: date, months: int) -> date:
    """Return the first day from which `months` calendar months reach `end`: `plus(day, months) >= end`.

    1 January of the year 1, the first day of `date`, if the bound is before it.
    """
    year, month = _moved(end, -months)
    if end.day == 1:
        # The last days of the month before may also reach this first day: 31 January plus one month is 1 March.
        year_before, month_before = _month_before(year, month)
        landing = _length(*_month_before(end.year, end.month - 1)) + 1
        if landing <= _length(year_before, month_before):
            year, month = year_before, month_before
            return date(year, month + 1, landing) if year >= MINYEAR else date.min
    if year < MINYEAR:
        return date.min
    if end.day > _length(year, month):
        return date(year, month + 2, 1)
    return date(year, month + 1, end.day)


def _moved(day: date, months: int) -> tuple[int, int]:
    """Return year and month (0 to 11), `months` months after `day`; the year may be out of the range of `date`."""
    return divmod(day.year * MONTHS_PER_YEAR + day.month - 1 + months, MONTHS_PER_YEAR)


def _month_before(year: int, month: int) -> tuple[int, int]:
    return divmod(year * MONTHS_PER_YEAR + month - 1, MONTHS_PER_YEAR)


def _length(year: int, month: int) -> int:
    return 29 if month == _FEBRUARY and isleap(year) else _LENGTHS[month]
