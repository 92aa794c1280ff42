"""Labels of the parameters of criteria and of their values."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from eligibility import LegalStatus
from eligibility.bilingual import STATUSES, BilingualText, day, language, place, years

PARAMETERS: Final[Mapping[str, StrOrPromise]] = {
    "effect": gettext_lazy("Effet"),
    "degree_window_months": gettext_lazy("Diplôme obtenu depuis, au plus"),
    "finishing_within_months": gettext_lazy("Fin des études après le début du stage, au plus"),
    "bar_school": gettext_lazy("École du Barreau du Québec acceptée"),
    "professional_order_stage": gettext_lazy("Stage d’un ordre professionnel accepté"),
    "minimum": gettext_lazy("Âge minimal"),
    "maximum": gettext_lazy("Âge maximal"),
    "on": gettext_lazy("Jour de référence"),
    "accepted": gettext_lazy("Statuts acceptés"),
    "provinces": gettext_lazy("Domiciles acceptés"),
    "months": gettext_lazy("Durée de résidence, au moins"),
    "languages": gettext_lazy("Langues à bien écrire"),
    "reference": gettext_lazy("Référence dans l’offre"),
    "text": gettext_lazy("Phrase de l’offre"),
}
EFFECTS: Final[Mapping[str, StrOrPromise]] = {
    "BLOCK": gettext_lazy("Bloquant : le critère compte dans le verdict"),
    "ADVISE": gettext_lazy("À titre indicatif : le constat est montré, le verdict n’en dépend pas"),
}
SHORT_EFFECTS: Final[Mapping[str, StrOrPromise]] = {
    "BLOCK": gettext_lazy("bloquant"),
    "ADVISE": gettext_lazy("à titre indicatif"),
}
REFERENCE_DAYS: Final[Mapping[str, StrOrPromise]] = {
    "starts_on": gettext_lazy("début du stage"),
    "closes_on": gettext_lazy("date limite d’inscription"),
}
PROVINCES: Final = ("QC", "AB", "BC", "PE", "MB", "NB", "NS", "NU", "ON", "SK", "NL", "NT", "YT")
LANGUAGES: Final = ("fr", "en", "es", "pt", "it", "de", "ar", "ru", "zh")
OUTCOMES: Final[Mapping[str, StrOrPromise]] = {
    "MET": gettext_lazy("Respecté"),
    "NOT_MET": gettext_lazy("Non respecté"),
    "UNKNOWN": gettext_lazy("Réponse manquante"),
    "HUMAN": gettext_lazy("À examiner par une personne"),
}
VERDICTS: Final[Mapping[str, StrOrPromise]] = {
    "ELIGIBLE": gettext_lazy("Admissible"),
    "NEEDS_REVIEW": gettext_lazy("À examiner par une personne"),
    "INCOMPLETE": gettext_lazy("Incomplet"),
    "INELIGIBLE": gettext_lazy("Non admissible"),
}
TONES: Final[Mapping[str, str]] = {
    "MET": "success",
    "NOT_MET": "error",
    "UNKNOWN": "warning",
    "HUMAN": "info",
    "ELIGIBLE": "success",
    "NEEDS_REVIEW": "info",
    "INCOMPLETE": "warning",
    "INELIGIBLE": "error",
}
"""The colour of each outcome and of each verdict (`components/state_badge.html`)."""


def localized(words: BilingualText) -> str:
    """Return a bilingual text of the rules in the active language."""
    return words.en if (get_language() or "").startswith("en") else words.fr


def format_day(on: date) -> str:
    """Write a day: `1er octobre 2027`, `October 1, 2027`."""
    return localized(day(on))


def capitalize_first(text: str) -> str:
    """Return `text` with a capital first letter."""
    return text[:1].upper() + text[1:]


def status_name(code: str) -> str:
    """Return the label of a legal status, as in the form of candidates."""
    return localized(STATUSES[LegalStatus(code)]) if code in LegalStatus else code


def province_name(code: str) -> str:
    """Return the label of a province or territory, with its preposition; an unknown code is quoted."""
    return localized(place(code))


def language_name(code: str) -> str:
    """Return the label of a language, with its preposition; an unknown code is quoted."""
    return localized(language(code))


def format_value(name: str, value: Any) -> str:
    """Return the label of the value of a parameter; a dash if it is empty."""
    if value in (None, "", []):
        return "—"
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    return _VALUES.get(name, str)(value)


def _months(count: int) -> str:
    return ngettext("%(count)d mois", "%(count)d mois", count) % {"count": count}


def _years(count: int) -> str:
    return localized(years(count))


_VALUES: Final[Mapping[str, Callable[[Any], str]]] = {
    "degree_window_months": _months,
    "finishing_within_months": _months,
    "months": _months,
    "minimum": _years,
    "maximum": _years,
    "effect": lambda code: str(SHORT_EFFECTS.get(code, code)),
    "on": lambda code: str(REFERENCE_DAYS.get(code, code)),
    "accepted": lambda codes: ", ".join(status_name(code) for code in codes),
    "provinces": lambda codes: ", ".join(province_name(code) for code in codes),
    "languages": lambda codes: ", ".join(language_name(code) for code in codes),
}
