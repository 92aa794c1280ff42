"""Parsing of days as people type them."""

import datetime as dt
from contextlib import suppress

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from intake.profiles.dates import MAX_LENGTH, DateProblem, DateRefused, parse_date
from intake.profiles.fields import format_typed_day

FOURTH_OF_MAY = dt.date(1998, 5, 4)
ANY_DAY = st.dates(min_value=dt.date(1000, 1, 1), max_value=dt.date(9999, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "1998-05-04",
        "1998-5-4",
        "1998/05/04",
        "1998.05.04",
        "1998 05 04",
        "4 mai 1998",
        "04 mai 1998",
        "4 MAI 1998",
        " 4  mai\u00a01998 ",
        "le 4 mai 1998",
        "lundi 4 mai 1998",
        "le lundi 4 mai, 1998",
        "4-mai-1998",
        "4mai1998",
        "1998 mai 4",
        "4 may 1998",
        "May 4, 1998",
        "may 4th 1998",
        "Monday, May 4, 1998",
        "the 4th of May 1998",
        "1998-05-04.",
        "１９９８-０５-０４",
        "٤ mai ١٩٩٨",
    ],
)
def test_one_day_is_parsed_in_many_notations(text: str) -> None:
    assert parse_date(text) == FOURTH_OF_MAY


@pytest.mark.parametrize(
    "text, month",
    [
        *[(name, 1) for name in ("janvier", "janv.", "January", "Jan")],
        *[(name, 2) for name in ("février", "fevrier", "févr.", "fév", "February", "Feb")],
        *[(name, 3) for name in ("mars", "March", "Mar")],
        *[(name, 4) for name in ("avril", "avr.", "April", "Apr")],
        *[(name, 5) for name in ("mai", "May")],
        *[(name, 6) for name in ("juin", "June", "Jun")],
        *[(name, 7) for name in ("juillet", "juil.", "July", "Jul")],
        *[(name, 8) for name in ("août", "aout", "AOÛT", "August", "Aug")],
        *[(name, 9) for name in ("septembre", "sept.", "September", "Sep")],
        *[(name, 10) for name in ("octobre", "oct.", "October")],
        *[(name, 11) for name in ("novembre", "nov.", "November")],
        *[(name, 12) for name in ("décembre", "déc.", "December", "Dec")],
    ],
)
def test_months_are_parsed_by_their_names(text: str, month: int) -> None:
    assert parse_date(f"2 {text} 2001") == dt.date(2001, month, 2)


@pytest.mark.parametrize(
    "text, day",
    [
        ("1er mai 1998", dt.date(1998, 5, 1)),
        ("1ᵉʳ mai 1998", dt.date(1998, 5, 1)),
        ("May 1st, 1998", dt.date(1998, 5, 1)),
        ("2nd of May 1998", dt.date(1998, 5, 2)),
        ("29 février 2000", dt.date(2000, 2, 29)),
        ("31/05/1998", dt.date(1998, 5, 31)),
        ("05/31/1998", dt.date(1998, 5, 31)),
        ("31-12-1999", dt.date(1999, 12, 31)),
        ("04/04/1998", dt.date(1998, 4, 4)),
        ("12/12/1998", dt.date(1998, 12, 12)),
        ("12/13/1998", dt.date(1998, 12, 13)),
        ("4 mai 0999", dt.date(999, 5, 4)),
        ("0001-01-01", dt.date.min),
        ("on wednesday 3 june 1998", dt.date(1998, 6, 3)),
        ("4 mai 1998".ljust(MAX_LENGTH, "."), dt.date(1998, 5, 4)),
    ],
)
def test_days_in_other_notations_are_parsed(text: str, day: dt.date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    "text, code",
    [
        ("04/05/1998", DateProblem.AMBIGUOUS),
        ("4-5-1998", DateProblem.AMBIGUOUS),
        ("12.11.2001", DateProblem.AMBIGUOUS),
        ("4 mai 98", DateProblem.SHORT_YEAR),
        ("04/05/98", DateProblem.SHORT_YEAR),
        ("mai 1998", DateProblem.NO_DAY),
        ("1998 mai", DateProblem.NO_DAY),
        ("May, 1998", DateProblem.NO_DAY),
        ("05/1998", DateProblem.NO_DAY),
        ("1998-05", DateProblem.NO_DAY),
        ("13/1998", DateProblem.NO_SUCH_DAY),
        ("mai 98", DateProblem.UNREADABLE),
        ("05/98", DateProblem.UNREADABLE),
        ("30 février 1998", DateProblem.NO_SUCH_DAY),
        ("29 février 1900", DateProblem.NO_SUCH_DAY),
        ("1998-13-01", DateProblem.NO_SUCH_DAY),
        ("1998-00-10", DateProblem.NO_SUCH_DAY),
        ("31/31/1998", DateProblem.NO_SUCH_DAY),
        ("0000-01-01", DateProblem.NO_SUCH_DAY),
        ("", DateProblem.UNREADABLE),
        ("hier", DateProblem.UNREADABLE),
        ("1998", DateProblem.UNREADABLE),
        ("19980504", DateProblem.UNREADABLE),
        ("4 jui 1998", DateProblem.UNREADABLE),
        ("4 mai juin 1998", DateProblem.UNREADABLE),
        ("4 1998 mai", DateProblem.UNREADABLE),
        ("4 mai 1998 ?", DateProblem.UNREADABLE),
        ("4 mai 19988", DateProblem.UNREADABLE),
        ("444 mai 1998", DateProblem.UNREADABLE),
        ("-1998-05-04 10:00", DateProblem.UNREADABLE),
        ("²", DateProblem.UNREADABLE),
        ("4 mai 1998" + " " * 10 + "x" * 60, DateProblem.UNREADABLE),
        ("4 mai 1998".ljust(MAX_LENGTH + 1, "."), DateProblem.UNREADABLE),
        ("004 mai 1998", DateProblem.UNREADABLE),
        ("4 mai 199", DateProblem.UNREADABLE),
        ("4 5 mai 1998", DateProblem.UNREADABLE),
        ("1998-005-04", DateProblem.UNREADABLE),
        ("031/05/1998", DateProblem.UNREADABLE),
        ("98-05-04", DateProblem.SHORT_YEAR),
        ("00/12/1998", DateProblem.NO_SUCH_DAY),
        ("1998-12-32", DateProblem.NO_SUCH_DAY),
    ],
)
def test_an_invalid_day_is_refused_with_its_code(text: str, code: DateProblem) -> None:
    with pytest.raises(DateRefused) as refused:
        parse_date(text)
    assert refused.value.code == code


def test_an_ambiguous_day_is_refused_with_its_two_readings() -> None:
    with pytest.raises(DateRefused) as refused:
        parse_date("04/05/1998")
    assert refused.value.readings == (dt.date(1998, 5, 4), dt.date(1998, 4, 5))


@pytest.mark.parametrize("text", ["février 2028", "2028 février", "Feb. 2028", "02/2028", "2028-2"])
def test_a_month_without_a_day_is_refused_with_its_last_day(text: str) -> None:
    with pytest.raises(DateRefused) as refused:
        parse_date(text)
    assert refused.value.readings == (dt.date(2028, 2, 29),)


@given(ANY_DAY)
def test_any_day_is_read_back_from_its_displayed_form(day: dt.date) -> None:
    assert parse_date(day.isoformat()) == day
    for language in ("fr", "en"):
        with translation.override(language):
            assert parse_date(format_typed_day(day)) == day


@given(ANY_DAY)
def test_numbers_in_either_order_give_that_day_or_are_refused(day: dt.date) -> None:
    for text in (f"{day.day}/{day.month}/{day.year}", f"{day.month}/{day.day}/{day.year}"):
        if day.day > 12 or day.day == day.month:
            assert parse_date(text) == day
        else:
            with pytest.raises(DateRefused, match="AMBIGUOUS"):
                parse_date(text)


@given(st.text(max_size=80))
def test_any_other_text_gives_a_day_or_a_refusal_and_no_error(text: str) -> None:
    with suppress(DateRefused):
        assert isinstance(parse_date(text), dt.date)
