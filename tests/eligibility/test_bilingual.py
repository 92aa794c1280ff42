"""Texts of reasons in both languages: names, days, durations and lists."""

from datetime import date

import pytest

from eligibility import LegalStatus
from eligibility.bilingual import (
    STATUSES,
    BilingualText,
    all_of,
    any_of,
    day,
    duration,
    language,
    none_of,
    place,
    sentences,
    years,
)

MONTHS = {
    "janvier": "January",
    "février": "February",
    "mars": "March",
    "avril": "April",
    "mai": "May",
    "juin": "June",
    "juillet": "July",
    "août": "August",
    "septembre": "September",
    "octobre": "October",
    "novembre": "November",
    "décembre": "December",
}
PLACES = {
    "AB": ("en Alberta", "in Alberta"),
    "BC": ("en Colombie-Britannique", "in British Columbia"),
    "MB": ("au Manitoba", "in Manitoba"),
    "NB": ("au Nouveau-Brunswick", "in New Brunswick"),
    "NL": ("à Terre-Neuve-et-Labrador", "in Newfoundland and Labrador"),
    "NS": ("en Nouvelle-Écosse", "in Nova Scotia"),
    "NT": ("dans les Territoires du Nord-Ouest", "in the Northwest Territories"),
    "NU": ("au Nunavut", "in Nunavut"),
    "ON": ("en Ontario", "in Ontario"),
    "OUTSIDE": ("hors du Canada", "outside Canada"),
    "PE": ("à l’Île-du-Prince-Édouard", "in Prince Edward Island"),
    "QC": ("au Québec", "in Québec"),
    "SK": ("en Saskatchewan", "in Saskatchewan"),
    "YT": ("au Yukon", "in Yukon"),
    "XX": ("à l’endroit noté «\u00a0XX\u00a0»", "in the place noted “XX”"),
}
LANGUAGES = {
    "ar": ("en arabe", "in Arabic"),
    "de": ("en allemand", "in German"),
    "en": ("en anglais", "in English"),
    "es": ("en espagnol", "in Spanish"),
    "fr": ("en français", "in French"),
    "it": ("en italien", "in Italian"),
    "pt": ("en portugais", "in Portuguese"),
    "ru": ("en russe", "in Russian"),
    "zh": ("en chinois", "in Chinese"),
    "xx": ("dans la langue notée «\u00a0xx\u00a0»", "in the language noted “xx”"),
}


def test_each_month_is_written_in_both_languages() -> None:
    written = [day(date(2027, month, 2)) for month in range(1, 13)]
    assert written == [(f"2 {french} 2027", f"{english} 2, 2027") for french, english in MONTHS.items()]
    assert day(date(2027, 10, 1)) == BilingualText("1er octobre 2027", "October 1, 2027")


def test_each_place_and_each_language_has_its_preposition() -> None:
    assert {code: place(code) for code in PLACES} == PLACES
    assert {code: language(code) for code in LANGUAGES} == LANGUAGES


def test_each_legal_status_has_its_labels() -> None:
    assert {
        LegalStatus.CITIZEN: ("la citoyenneté canadienne", "Canadian citizenship"),
        LegalStatus.PERMANENT_RESIDENT: (
            "le statut de résident permanent du Canada",
            "permanent resident status in Canada",
        ),
        LegalStatus.PROTECTED_PERSON: ("le statut de personne protégée", "protected person status"),
        LegalStatus.ASYLUM_CLAIMANT: ("une demande d’asile en cours", "a pending asylum claim"),
        LegalStatus.TEMPORARY_PERMIT: ("un permis temporaire", "a temporary permit"),
        LegalStatus.OTHER: ("une autre situation", "another situation"),
    } == STATUSES


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
    3: ("trois mois", "three months"),
    4: ("quatre mois", "four months"),
    5: ("cinq mois", "five months"),
    6: ("six mois", "six months"),
    7: ("sept mois", "seven months"),
    8: ("huit mois", "eight months"),
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
