"""How reasons say days, ages, durations and names, in French and in English.

Reasons must stay true whatever day they are read on: the phrases here have no tense.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from eligibility.ages import MONTHS_PER_YEAR
from eligibility.facts import LegalStatus


class Words(NamedTuple):
    """The same words in both languages."""

    fr: str
    en: str


_MONTHS_FR = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_MONTHS_EN = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

STATUSES = {
    LegalStatus.CITIZEN: Words("la citoyenneté canadienne", "Canadian citizenship"),
    LegalStatus.PERMANENT_RESIDENT: Words(
        "le statut de résident permanent du Canada", "permanent resident status in Canada"
    ),
    LegalStatus.PROTECTED_PERSON: Words("le statut de personne protégée", "protected person status"),
    LegalStatus.ASYLUM_CLAIMANT: Words("une demande d’asile en cours", "a pending asylum claim"),
    LegalStatus.TEMPORARY_PERMIT: Words("un permis temporaire", "a temporary permit"),
    LegalStatus.OTHER: Words("une autre situation", "another situation"),
}

_PROVINCES = {
    "AB": Words("en Alberta", "in Alberta"),
    "BC": Words("en Colombie-Britannique", "in British Columbia"),
    "MB": Words("au Manitoba", "in Manitoba"),
    "NB": Words("au Nouveau-Brunswick", "in New Brunswick"),
    "NL": Words("à Terre-Neuve-et-Labrador", "in Newfoundland and Labrador"),
    "NS": Words("en Nouvelle-Écosse", "in Nova Scotia"),
    "NT": Words("dans les Territoires du Nord-Ouest", "in the Northwest Territories"),
    "NU": Words("au Nunavut", "in Nunavut"),
    "ON": Words("en Ontario", "in Ontario"),
    "OUTSIDE": Words("hors du Canada", "outside Canada"),
    "PE": Words("à l’Île-du-Prince-Édouard", "in Prince Edward Island"),
    "QC": Words("au Québec", "in Québec"),
    "SK": Words("en Saskatchewan", "in Saskatchewan"),
    "YT": Words("au Yukon", "in Yukon"),
}

_LANGUAGES = {
    "ar": Words("en arabe", "in Arabic"),
    "de": Words("en allemand", "in German"),
    "en": Words("en anglais", "in English"),
    "es": Words("en espagnol", "in Spanish"),
    "fr": Words("en français", "in French"),
    "it": Words("en italien", "in Italian"),
    "pt": Words("en portugais", "in Portuguese"),
    "ru": Words("en russe", "in Russian"),
    "zh": Words("en chinois", "in Chinese"),
}


_COUNTS_FR = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf")
_COUNTS_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@lru_cache(maxsize=4096)
def day(on: date) -> Words:
    """Return a day as a person reads it: `1er octobre 2023`, `October 1, 2023`."""
    number = "1er" if on.day == 1 else str(on.day)
    return Words(
        f"{number} {_MONTHS_FR[on.month - 1]} {on.year}",
        f"{_MONTHS_EN[on.month - 1]} {on.day}, {on.year}",
    )


def years(count: int) -> Words:
    """Return an age: `1 an`, `35 ans`; French counts zero in the singular."""
    return Words(
        f"{count} ans" if count > 1 else f"{count} an", f"{count} year" if count == 1 else f"{count} years"
    )


def duration(months: int) -> Words:
    """Return a duration given in calendar months as an offer writes it: `deux ans`, `18 mois`.

    Whole years are said in years, and counts below ten in letters.
    """
    in_years = months > 0 and months % MONTHS_PER_YEAR == 0
    count = months // MONTHS_PER_YEAR if in_years else months
    fr, en = (_COUNTS_FR[count], _COUNTS_EN[count]) if count < len(_COUNTS_FR) else (str(count), str(count))
    plural = "" if count == 1 else "s"
    if in_years:
        return Words(f"{fr} an{plural}", f"{en} year{plural}")
    return Words(f"{fr} mois", f"{en} month{plural}")


def place(province: str) -> Words:
    """Return where a province or territory code is, with its preposition; an unlisted code is quoted.

    `OUTSIDE` is the code of every place that is not in Canada.
    """
    return _PROVINCES.get(province) or Words(
        f"à l’endroit noté « {province} »", f"in the place noted “{province}”"
    )


def language(code: str) -> Words:
    """Return a language code with its preposition; an unlisted code is quoted."""
    return _LANGUAGES.get(code) or Words(
        f"dans la langue notée « {code} »", f"in the language noted “{code}”"
    )


def any_of(names: Iterable[Words]) -> Words:
    """Join alternatives: `a, b ou c`."""
    return _joined(names, " ou ", " or ")


def all_of(names: Iterable[Words]) -> Words:
    """Join things asked together: `a, b et c`."""
    return _joined(names, " et ", " and ")


def none_of(names: Iterable[Words]) -> Words:
    """Join things denied together, after a negation: `ne … pas a, b ni c`."""
    return _joined(names, " ni ", " or ")


def sentences(parts: Iterable[Words]) -> Words:
    """Join whole sentences into one reason."""
    pairs = list(parts)
    return Words(" ".join(pair.fr for pair in pairs), " ".join(pair.en for pair in pairs))


def _joined(names: Iterable[Words], last_fr: str, last_en: str) -> Words:
    pairs = list(dict.fromkeys(names))
    return Words(_listed([pair.fr for pair in pairs], last_fr), _listed([pair.en for pair in pairs], last_en))


def _listed(words: list[str], last: str) -> str:
    return f"{', '.join(words[:-1])}{last}{words[-1]}" if len(words) > 1 else "".join(words)
