"""Ages and durations, against `docs/rules.md#ages-and-durations` and against each other."""

from datetime import MAXYEAR, date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eligibility.ages import completed_years, earliest_start, latest_start, plus

DAYS = st.dates()
MONTHS = st.one_of(st.integers(0, 48), st.integers(0, 200_000))
ONE_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "day,months,expected",
    [
        ("2022-01-15", 24, "2024-01-15"),
        ("2023-01-31", 1, "2023-03-01"),
        ("2024-01-31", 1, "2024-03-01"),
        ("2024-01-30", 1, "2024-03-01"),
        ("2024-01-29", 1, "2024-02-29"),
        ("2023-01-29", 1, "2023-03-01"),
        ("2024-02-29", 12, "2025-03-01"),
        ("2024-02-29", 48, "2028-02-29"),
        ("1896-02-29", 48, "1900-03-01"),
        ("2023-03-31", 1, "2023-05-01"),
        ("2023-10-31", 1, "2023-12-01"),
        ("2023-12-31", 2, "2024-03-01"),
        ("2023-11-30", 1, "2023-12-30"),
        ("2023-12-31", 1, "2024-01-31"),
        ("2023-12-01", 0, "2023-12-01"),
        ("2024-02-29", 0, "2024-02-29"),
        ("9999-11-30", 1, "9999-12-30"),
        ("9999-10-31", 1, "9999-12-01"),
        ("9998-12-31", 12, "9999-12-31"),
    ],
)
def test_a_day_plus_months_is_the_same_day_or_the_first_of_the_next_month(
    day: str, months: int, expected: str
) -> None:
    assert plus(date.fromisoformat(day), months) == date.fromisoformat(expected)


@pytest.mark.parametrize("months", [1, 12, 10**6, 10**30])
def test_a_day_outside_the_calendar_gives_none(months: int) -> None:
    assert plus(date.max, months) is None


def test_a_negative_duration_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^a duration cannot be negative$"):
        plus(date(2024, 1, 15), -1)


@pytest.mark.parametrize(
    "born,on,expected",
    [
        ("1988-01-15", "2024-01-15", 36),
        ("1988-01-16", "2024-01-15", 35),
        ("2004-02-29", "2022-02-28", 17),
        ("2004-02-29", "2022-03-01", 18),
        ("2004-02-29", "2024-02-28", 19),
        ("2004-02-29", "2024-02-29", 20),
        ("2005-12-31", "2023-12-31", 18),
        ("2005-12-31", "2024-01-01", 18),
        ("2006-01-01", "2023-12-31", 17),
        ("2024-01-15", "2024-01-15", 0),
        ("2024-01-16", "2024-01-15", -1),
        ("0001-01-01", "9999-12-31", 9998),
    ],
)
def test_years_are_completed_on_the_birthday(born: str, on: str, expected: int) -> None:
    assert completed_years(date.fromisoformat(born), date.fromisoformat(on)) == expected


@settings(deadline=None)
@given(day=DAYS, months=MONTHS)
def test_adding_months_gives_the_documented_day(day: date, months: int) -> None:
    year, month = day.year, day.month
    year, month = year + (month - 1 + months) // 12, (month - 1 + months) % 12 + 1
    if year > MAXYEAR:
        expected = None
    else:
        try:
            expected = date(year, month, day.day)
        except ValueError:
            expected = date(year, month + 1, 1)
    assert plus(day, months) == expected


@settings(deadline=None)
@given(born=DAYS, on=DAYS)
@example(born=date(2004, 2, 29), on=date(2022, 2, 28))
@example(born=date(2004, 2, 29), on=date(2022, 3, 1))
def test_an_age_counts_the_anniversaries_that_plus_gives(born: date, on: date) -> None:
    if born > on:
        assert completed_years(born, on) < 0
        return
    age = completed_years(born, on)
    reached, next_one = plus(born, 12 * age), plus(born, 12 * (age + 1))
    assert reached is not None
    assert reached <= on
    assert next_one is None or next_one > on


@settings(deadline=None)
@given(end=DAYS, months=MONTHS)
@example(end=date(2023, 2, 28), months=6)
@example(end=date(2024, 2, 29), months=12)
@example(end=date.min, months=1)
@example(end=date.max, months=1)
@example(end=date(1, 2, 1), months=1)
def test_the_latest_start_is_the_last_day_that_is_long_enough_ago(end: date, months: int) -> None:
    latest = latest_start(end, months)
    if latest is None:
        first = plus(date.min, months)
        assert first is None or first > end
        return
    reached = plus(latest, months)
    assert reached is not None
    assert reached <= end
    if latest < date.max:
        after = plus(latest + ONE_DAY, months)
        assert after is None or after > end


@settings(deadline=None)
@given(end=DAYS, months=MONTHS)
@example(end=date(2023, 3, 1), months=1)
@example(end=date(2025, 3, 1), months=12)
@example(end=date(2024, 2, 29), months=24)
@example(end=date(1, 3, 1), months=1)
@example(end=date(1, 1, 1), months=0)
@example(end=date(9999, 5, 1), months=8)
def test_the_earliest_start_is_the_first_day_that_reaches_the_end(end: date, months: int) -> None:
    earliest = earliest_start(end, months)
    reached = plus(earliest, months)
    assert reached is None or reached >= end
    if earliest > date.min:
        before = plus(earliest - ONE_DAY, months)
        assert before is not None
        assert before < end
