"""Days, ages, durations and names as reasons write them, in French and in English.

The phrases have no tense: a reason must be true on any day on which it is read.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from eligibility.ages import MONTHS_PER_YEAR
from eligibility.facts import LegalStatus


class BilingualText(NamedTuple):
    """One text in both languages."""

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
    LegalStatus.CITIZEN: BilingualText("la citoyenneté canadienne", "Canadian citizenship"),
    LegalStatus.PERMANENT_RESIDENT: BilingualText(
        "le statut de résident permanent du Canada", "permanent resident status in Canada"
    ),
    LegalStatus.PROTECTED_PERSON: BilingualText("le statut de personne protégée", "protected person status"),
    LegalStatus.ASYLUM_CLAIMANT: BilingualText("une demande d’asile en cours", "a pending asylum claim"),
    LegalStatus.TEMPORARY_PERMIT: BilingualText("un permis temporaire", "a temporary permit"),
    LegalStatus.OTHER: BilingualText("une autre situation", "another situation"),
}

_PROVINCES = {
    "AB": BilingualText("en Alberta", "in Alberta"),
    "BC": BilingualText("en Colombie-Britannique", "in British Columbia"),
    "MB": BilingualText("au Manitoba", "in Manitoba"),
    "NB": BilingualText("au Nouveau-Brunswick", "in New Brunswick"),
    "NL": BilingualText("à Terre-Neuve-et-Labrador", "in Newfoundland and Labrador"),
    "NS": BilingualText("en Nouvelle-Écosse", "in Nova Scotia"),
    "NT": BilingualText("dans les Territoires du Nord-Ouest", "in the Northwest Territories"),
    "NU": BilingualText("au Nunavut", "in Nunavut"),
    "ON": BilingualText("en Ontario", "in Ontario"),
    "OUTSIDE": BilingualText("hors du Canada", "outside Canada"),
    "PE": BilingualText("à l’Île-du-Prince-Édouard", "in Prince Edward Island"),
    "QC": BilingualText("au Québec", "in Québec"),
    "SK": BilingualText("en Saskatchewan", "in Saskatchewan"),
    "YT": BilingualText("au Yukon", "in Yukon"),
}

_LANGUAGES = {
    "ar": BilingualText("en arabe", "in Arabic"),
    "de": BilingualText("en allemand", "in German"),
    "en": BilingualText("en anglais", "in English"),
    "es": BilingualText("en espagnol", "in Spanish"),
    "fr": BilingualText("en français", "in French"),
    "it": BilingualText("en italien", "in Italian"),
    "pt": BilingualText("en portugais", "in Portuguese"),
    "ru": BilingualText("en russe", "in Russian"),
    "zh": BilingualText("en chinois", "in Chinese"),
}


_COUNTS_FR = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf")
_COUNTS_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@lru_cache(maxsize=4096)
def day(on: date) -> BilingualText:
    """Return a day in long form: `1er octobre 2023`, `October 1, 2023`."""
    number = "1er" if on.day == 1 else str(on.day)
    return BilingualText(
        f"{number} {_MONTHS_FR[on.month - 1]} {on.year}",
        f"{_MONTHS_EN[on.month - 1]} {on.day}, {on.year}",
    )


def years(count: int) -> BilingualText:
    """Return an age: `1 an`, `35 ans`; French counts zero in the singular."""
    return BilingualText(
        f"{count} ans" if count > 1 else f"{count} an", f"{count} year" if count == 1 else f"{count} years"
    )


def duration(months: int) -> BilingualText:
    """Return a duration of `months` calendar months as offers write it: `deux ans`, `18 mois`.

    A multiple of 12 months is written in years, and a count below ten in letters.
    """
    in_years = months > 0 and months % MONTHS_PER_YEAR == 0
    count = months // MONTHS_PER_YEAR if in_years else months
    fr, en = (_COUNTS_FR[count], _COUNTS_EN[count]) if count < len(_COUNTS_FR) else (str(count), str(count))
    plural = "" if count == 1 else "s"
    if in_years:
        return BilingualText(f"{fr} an{plural}", f"{en} year{plural}")
    return BilingualText(f"{fr} mois", f"{en} month{plural}")


def place(province: str) -> BilingualText:
    """Return the name of a province, a territory or OUTSIDE Canada, with its preposition; other codes are quoted."""
    return _PROVINCES.get(province) or BilingualText(
        f"à l’endroit noté « {province} »", f"in the place noted “{province}”"
    )


def language(code: str) -> BilingualText:
    """Return the name of a language with its preposition; an unlisted code is quoted."""
    return _LANGUAGES.get(code) or BilingualText(
        f"dans la langue notée « {code} »", f"in the language noted “{code}”"
    )


def any_of(names: Iterable[BilingualText]) -> BilingualText:
    """Join alternatives: `a, b ou c`."""
    return _joined(names, " ou ", " or ")


def all_of(names: Iterable[BilingualText]) -> BilingualText:
    """Join things that are all required: `a, b et c`."""
    return _joined(names, " et ", " and ")


def none_of(names: Iterable[BilingualText]) -> BilingualText:
    """Join things that follow a negation: `ne … pas a, b ni c`."""
    return _joined(names, " ni ", " or ")


def sentences(parts: Iterable[BilingualText]) -> BilingualText:
    """Join complete sentences into one reason."""
    pairs = list(parts)
    return BilingualText(" ".join(pair.fr for pair in pairs), " ".join(pair.en for pair in pairs))


def _joined(names: Iterable[BilingualText], last_fr: str, last_en: str) -> BilingualText:
    pairs = list(dict.fromkeys(names))
    return BilingualText(
        _listed([pair.fr for pair in pairs], last_fr), _listed([pair.en for pair in pairs], last_en)
    )


def _listed(words: list[str], last: str) -> str:
    return f"{', '.join(words[:-1])}{last}{words[-1]}" if len(words) > 1 else "".join(words)


_ABOUT_CANDIDATE = (
    ("Vous avez ", "La personne candidate a "),
    ("Vous n’avez ", "La personne candidate n’a "),
    ("vous résidez", "la personne candidate réside"),
    ("vous donne ", "donne "),
    ("de votre ", "du "),
    ("de vos ", "des "),
    ("vos ", "les "),
    ("votre statut", "le statut"),
    ("Votre ", "La "),
    ("votre ", "la "),
    ("You ", "The candidate "),
    ("makes you ", "makes them "),
    (" you ", " they "),
    ("Your ", "The candidate’s "),
    ("your ", "the candidate’s "),
)
"""Addresses to the candidate, in either language, and how staff read them; in the order in which they are replaced."""


def about_candidate(reason: str) -> str:
    """Return a reason, in either language, about the candidate and not to them: for staff and committee members.

    Applies to the text of a sealed reason too: what was sealed addresses the candidate.
    """
    for address, mention in _ABOUT_CANDIDATE:
        reason = reason.replace(address, mention)
    return reason
