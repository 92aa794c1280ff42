"""Texts of reasons in both languages: names, days, durations and lists."""

from datetime import date

import pytest

from eligibility.bilingual import BilingualText, all_of, any_of, day, duration, none_of, sentences, years


def test_a_first_day_of_a_month_is_ordinal_in_french_alone() -> None:
    assert day(date(2027, 10, 1)) == BilingualText("1er octobre 2027", "October 1, 2027")
    assert day(date(2027, 10, 2)) == BilingualText("2 octobre 2027", "October 2, 2027")


@pytest.mark.parametrize(
    "count, fr, en",
    [(0, "0 an", "0 years"), (1, "1 an", "1 year"), (2, "2 ans", "2 years"), (35, "35 ans", "35 years")],
)
def test_an_age_is_written_in_the_singular_where_each_language_does(count: int, fr: str, en: str) -> None:
    assert years(count) == (fr, en)


COUNTS = {
    0: ("zéro mois", "zero months"),
    1: ("un mois", "one month"),
    2: ("deux mois", "two months"),
    9: ("neuf mois", "nine months"),
    10: ("10 mois", "10 months"),
    11: ("11 mois", "11 months"),
    12: ("un an", "one year"),
    13: ("13 mois", "13 months"),
    18: ("18 mois", "18 months"),
    24: ("deux ans", "two years"),
    108: ("neuf ans", "nine years"),
    120: ("10 ans", "10 years"),
}


def test_a_duration_is_in_years_or_months_and_small_numbers_in_letters() -> None:
    assert {months: duration(months) for months in COUNTS} == COUNTS


A, B, C = BilingualText("a", "x"), BilingualText("b", "y"), BilingualText("c", "z")


def test_names_are_joined_once_each_as_each_language_joins_them() -> None:
    assert any_of([A, B, A, C]) == ("a, b ou c", "x, y or z")
    assert all_of([A, B]) == ("a et b", "x and y")
    assert none_of(iter([A, B, C])) == ("a, b ni c", "x, y or z")
    assert any_of([A]) == A
    assert any_of([]) == ("", "")
    assert sentences(iter([A, B, A])) == ("a b a", "x y x")
