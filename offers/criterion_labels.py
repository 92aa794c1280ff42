"""The kinds of criterion: names, descriptions, default parameters, and the labels of parameters and values."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from eligibility import LegalStatus
from eligibility.bilingual import STATUSES, BilingualText, day, language, place, years
from intake.base.numbers import WrittenNumber
from offers.models.programme import DEFAULT_WORDING, ProgrammeWording

type CriterionJSON = Mapping[str, Any]

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
    "BLOCK": gettext_lazy("Bloquant : le critère change le résultat"),
    "ADVISE": gettext_lazy("À titre indicatif : le constat est affiché, sans changer le résultat"),
}
SHORT_EFFECTS: Final[Mapping[str, StrOrPromise]] = {
    "BLOCK": gettext_lazy("bloquant"),
    "ADVISE": gettext_lazy("à titre indicatif"),
}
REFERENCE_DAYS: Final[Mapping[str, StrOrPromise]] = {
    "starts_on": gettext_lazy("début du stage"),
    "closes_on": gettext_lazy("date limite d’inscription"),
}
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

_STATUSES = {
    "CITIZEN": gettext_lazy("citoyenneté canadienne"),
    "PERMANENT_RESIDENT": gettext_lazy("résidence permanente"),
    "PROTECTED_PERSON": gettext_lazy("personne protégée"),
    "ASYLUM_CLAIMANT": gettext_lazy("demande d’asile"),
    "TEMPORARY_PERMIT": gettext_lazy("permis temporaire"),
    "OTHER": gettext_lazy("autre statut"),
}
_LANGUAGES = {
    "fr": gettext_lazy("français"),
    "en": gettext_lazy("anglais"),
    "es": gettext_lazy("espagnol"),
    "pt": gettext_lazy("portugais"),
    "it": gettext_lazy("italien"),
    "de": gettext_lazy("allemand"),
    "ar": gettext_lazy("arabe"),
    "ru": gettext_lazy("russe"),
    "zh": gettext_lazy("chinois"),
}
_PROVINCES = {
    "QC": gettext_lazy("Québec"),
    "AB": gettext_lazy("Alberta"),
    "BC": gettext_lazy("Colombie-Britannique"),
    "PE": gettext_lazy("Île-du-Prince-Édouard"),
    "MB": gettext_lazy("Manitoba"),
    "NB": gettext_lazy("Nouveau-Brunswick"),
    "NS": gettext_lazy("Nouvelle-Écosse"),
    "NU": gettext_lazy("Nunavut"),
    "ON": gettext_lazy("Ontario"),
    "SK": gettext_lazy("Saskatchewan"),
    "NL": gettext_lazy("Terre-Neuve-et-Labrador"),
    "NT": gettext_lazy("Territoires du Nord-Ouest"),
    "YT": gettext_lazy("Yukon"),
}
PROVINCES: Final = tuple(_PROVINCES)
LANGUAGES: Final = tuple(_LANGUAGES)


# -- Parameters and their values ---------------------------------------------------------------------------------
def localized(text: BilingualText) -> str:
    """Return a bilingual text of the rules in the active language."""
    return text.en if (get_language() or "").startswith("en") else text.fr


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
    return ngettext("%(count)s mois", "%(count)s mois", count) % {"count": WrittenNumber(count)}


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


# -- Descriptions --------------------------------------------------------------------------------------------------
def _join_names(codes: Iterable[str], names: Mapping[str, str | Promise], link: str) -> str:
    labels = [str(names.get(code, code)) for code in codes]
    return link.join([", ".join(labels[:-1]), labels[-1]]) if len(labels) > 1 else "".join(labels)


def _day(criterion: CriterionJSON, wording: ProgrammeWording) -> str:
    return str(wording.at_start) if criterion["on"] == "starts_on" else _("à la date limite d’inscription")


def _studies(criterion: CriterionJSON, wording: ProgrammeWording) -> str:
    if wording.are_the_portals:
        finishing = _("2e cycle en cours, à terminer au plus tard %(months)d mois après le début du stage")
        finished = _("maîtrise ou doctorat obtenu dans les %(months)d mois avant le stage")
    else:
        finishing = _("2e cycle en cours, à terminer au plus tard %(months)d mois après le premier jour")
        finished = _("maîtrise ou doctorat obtenu dans les %(months)d mois avant le premier jour")
    branches = [
        _("doctorat en cours"),
        finishing % {"months": criterion["finishing_within_months"]},
        finished % {"months": criterion["degree_window_months"]},
    ]
    if criterion.get("bar_school", True):
        branches.append(_("École du Barreau du Québec"))
    if criterion.get("professional_order_stage", True):
        branches.append(_("stage exigé par un ordre professionnel"))
    return _(" ; ou ").join(branches)


def _age(criterion: CriterionJSON, wording: ProgrammeWording) -> str:
    return _("de %(minimum)d à %(maximum)d ans %(day)s") % {**criterion, "day": _day(criterion, wording)}


def _residence(criterion: CriterionJSON, wording: ProgrammeWording) -> str:
    text = _("assurance maladie et impôt, depuis %(months)d mois ou plus %(day)s")
    return text % {**criterion, "day": _day(criterion, wording)}


class _Kind(NamedTuple):
    """One kind of criterion. `defaults` are the parameters in an offer that staff write by hand."""

    name: Promise
    describe: Callable[[CriterionJSON, ProgrammeWording], str]
    defaults: Mapping[str, Any] = MappingProxyType({})


MAY_REPEAT: Final = "OTHER"
"""The only kind that an offer may set more than once: `docs/rules.md#other-criteria`."""
_KINDS: Final = {
    "STUDIES": _Kind(
        gettext_lazy("Études"),
        _studies,
        {
            "degree_window_months": 24,
            "finishing_within_months": 12,
            "bar_school": True,
            "professional_order_stage": True,
        },
    ),
    "AGE": _Kind(gettext_lazy("Âge"), _age, {"minimum": 18, "maximum": 35, "on": "starts_on"}),
    "LEGAL_STATUS": _Kind(
        gettext_lazy("Statut au Canada"),
        lambda criterion, _wording: _join_names(criterion["accepted"], _STATUSES, _(" ou ")),
        {"accepted": ["CITIZEN", "PERMANENT_RESIDENT"]},
    ),
    "DOMICILE": _Kind(
        gettext_lazy("Domicile"),
        lambda criterion, _wording: _join_names(criterion["provinces"], _PROVINCES, _(" ou ")),
        {"provinces": ["QC"]},
    ),
    "RESIDENCE": _Kind(gettext_lazy("Résidence au Québec"), _residence, {"months": 12, "on": "closes_on"}),
    "WRITING": _Kind(
        gettext_lazy("Rédaction"),
        lambda criterion, _wording: (
            _("atteste écrire très bien en %(languages)s")
            % {"languages": _join_names(criterion["languages"], _LANGUAGES, _(" et "))}
        ),
        {"languages": ["fr", "en"]},
    ),
    "SKILLS": _Kind(
        gettext_lazy("Compétences et expérience"),
        lambda _criterion, _wording: _("atteste avoir les compétences et l’expérience demandées"),
    ),
    "ONCE_ONLY": _Kind(
        gettext_lazy("Première participation"),
        lambda _criterion, _wording: _("n’a jamais participé au programme"),
    ),
    MAY_REPEAT: _Kind(
        gettext_lazy("Autre critère de l’offre"),
        lambda _criterion, _wording: _("une personne doit examiner ce critère"),
    ),
}
"""The kinds in the order in which offers state them."""
KINDS: Final = tuple(_KINDS)
DEFAULT_CRITERIA: Final = {kind: row.defaults for kind, row in _KINDS.items() if kind != MAY_REPEAT}
"""The default parameters of each kind, which staff change to what the offer states: `docs/rules.md#usual-criteria`."""


def default_criterion(kind: str) -> dict[str, Any]:
    """Return a criterion of `kind` with default parameters and no clause. OTHER advises until staff make it block."""
    effect = "ADVISE" if kind == MAY_REPEAT else "BLOCK"
    return {"kind": kind, "effect": effect, **DEFAULT_CRITERIA.get(kind, {}), "clause": {}}


def criterion_name(kind: str) -> str:
    """Return the name of a kind of criterion, used by all pages; the code itself if the kind is unknown."""
    return str(_KINDS[kind].name) if kind in _KINDS else kind


def criterion_names(kinds: Iterable[str]) -> list[str]:
    """Return the names of the criteria of one offer, in order; names of a kind that repeats are numbered."""
    all_kinds = list(kinds)
    totals, seen, names = Counter(all_kinds), Counter[str](), []
    for kind in all_kinds:
        seen[kind] += 1
        name = criterion_name(kind)
        names.append(f"{name} ({seen[kind]})" if totals[kind] > 1 else name)
    return names


def describe_criterion(
    criterion: CriterionJSON, wording: ProgrammeWording = DEFAULT_WORDING
) -> tuple[str, str]:
    """Return the name and the description of a criterion (JSON of `docs/contracts.md`), in its programme's wording."""
    kind = criterion["kind"]
    return criterion_name(kind), _KINDS.get(kind, _KINDS[MAY_REPEAT]).describe(criterion, wording)


@dataclass(frozen=True, slots=True)
class CriterionDescription:
    """One criterion as the offer's page lists it: its name, its description, and the offer's sentence."""

    name: str
    asks: str
    clause_text: str
    clause_reference: str
    advisory: bool


def list_criteria(
    criteria: Iterable[CriterionJSON], wording: ProgrammeWording = DEFAULT_WORDING
) -> list[CriterionDescription]:
    """Return the descriptions of criteria (JSON of `docs/contracts.md`), in order."""
    rows = list(criteria)
    clauses = [row.get("clause") or {} for row in rows]
    return [
        CriterionDescription(
            name=name,
            asks=describe_criterion(row, wording)[1],
            clause_text=clause.get("text") or "",
            clause_reference=clause.get("reference") or "",
            advisory=row["effect"] == "ADVISE",
        )
        for name, row, clause in zip(criterion_names(row["kind"] for row in rows), rows, clauses, strict=True)
    ]


def describe_effect(criterion: CriterionJSON) -> str:
    """Return the label of a criterion's effect: it blocks or only advises."""
    return str(SHORT_EFFECTS.get(criterion["effect"], SHORT_EFFECTS["ADVISE"]))
