"""Names and descriptions of criteria, so that staff can compare a rulebook with the text of the offer."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offers.programme_wording import DEFAULT_WORDING, ProgrammeWording

type CriterionJSON = Mapping[str, Any]

_NAMES = {
    "STUDIES": gettext_lazy("Études"),
    "AGE": gettext_lazy("Âge"),
    "LEGAL_STATUS": gettext_lazy("Statut au Canada"),
    "DOMICILE": gettext_lazy("Domicile"),
    "RESIDENCE": gettext_lazy("Résidence au Québec"),
    "WRITING": gettext_lazy("Rédaction"),
    "SKILLS": gettext_lazy("Compétences et expérience"),
    "ONCE_ONLY": gettext_lazy("Première participation"),
    "OTHER": gettext_lazy("Autre critère de l’offre"),
}

_STATUSES = {
    "CITIZEN": gettext_lazy("citoyenneté canadienne"),
    "PERMANENT_RESIDENT": gettext_lazy("résidence permanente"),
    "PROTECTED_PERSON": gettext_lazy("personne protégée"),
    "ASYLUM_CLAIMANT": gettext_lazy("demande d’asile"),
    "TEMPORARY_PERMIT": gettext_lazy("permis temporaire"),
    "OTHER": gettext_lazy("autre statut"),
}
_LANGUAGES = {
    "ar": gettext_lazy("arabe"),
    "de": gettext_lazy("allemand"),
    "en": gettext_lazy("anglais"),
    "es": gettext_lazy("espagnol"),
    "fr": gettext_lazy("français"),
    "it": gettext_lazy("italien"),
    "pt": gettext_lazy("portugais"),
    "ru": gettext_lazy("russe"),
    "zh": gettext_lazy("chinois"),
}
_PROVINCES = {
    "AB": gettext_lazy("Alberta"),
    "BC": gettext_lazy("Colombie-Britannique"),
    "MB": gettext_lazy("Manitoba"),
    "NB": gettext_lazy("Nouveau-Brunswick"),
    "NL": gettext_lazy("Terre-Neuve-et-Labrador"),
    "NS": gettext_lazy("Nouvelle-Écosse"),
    "NT": gettext_lazy("Territoires du Nord-Ouest"),
    "NU": gettext_lazy("Nunavut"),
    "ON": gettext_lazy("Ontario"),
    "PE": gettext_lazy("Île-du-Prince-Édouard"),
    "QC": gettext_lazy("Québec"),
    "SK": gettext_lazy("Saskatchewan"),
    "YT": gettext_lazy("Yukon"),
}


def criterion_name(kind: str) -> str:
    """Return the name of a kind of criterion, used by all pages; the code itself if the kind is unknown."""
    return str(_NAMES.get(kind, kind))


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
    criterion: CriterionJSON, words: ProgrammeWording = DEFAULT_WORDING
) -> tuple[str, str]:
    """Return the name and the description of a criterion (JSON of `docs/contracts.md`), in its programme's wording.

    An unknown kind is named by its code.
    """
    name = criterion_name(criterion["kind"])
    rule = _RULES.get(criterion["kind"])
    return str(name), rule(criterion, words) if rule else _("une personne doit juger")


@dataclass(frozen=True, slots=True)
class CriterionDescription:
    """One criterion as the offer's page lists it: its name, its description, and the offer's sentence."""

    name: str
    asks: str
    clause_text: str
    clause_reference: str
    advisory: bool


def list_criteria(
    criteria: Iterable[CriterionJSON], words: ProgrammeWording = DEFAULT_WORDING
) -> list[CriterionDescription]:
    """Return the descriptions of criteria (JSON of `docs/contracts.md`), in order."""
    listed = []
    rows = list(criteria)
    for name, criterion in zip(criterion_names(row["kind"] for row in rows), rows, strict=True):
        _name, asks = describe_criterion(criterion, words)
        clause = criterion.get("clause") or {}
        listed.append(
            CriterionDescription(
                name=name,
                asks=asks,
                clause_text=clause.get("text") or "",
                clause_reference=clause.get("reference") or "",
                advisory=criterion["effect"] == "ADVISE",
            )
        )
    return listed


def describe_effect(criterion: CriterionJSON) -> str:
    """Return the label of a criterion's effect: it blocks or only advises."""
    return _("bloquant") if criterion["effect"] == "BLOCK" else _("à titre indicatif")


def _join_names(codes: Iterable[str], names: Mapping[str, str | Promise], link: str) -> str:
    said = [str(names.get(code, code)) for code in codes]
    return link.join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)


def _day(criterion: CriterionJSON, words: ProgrammeWording) -> str:
    return str(words.at_start) if criterion["on"] == "starts_on" else _("à la date limite d’inscription")


def _studies(criterion: CriterionJSON, words: ProgrammeWording) -> str:
    if words.are_the_portals:
        finishing = _("2e cycle en cours, à terminer au plus tard %(months)d mois après le début du stage")
        finished = _("maîtrise ou doctorat obtenu dans les %(months)d mois qui précèdent le stage")
    else:
        finishing = _("2e cycle en cours, à terminer au plus tard %(months)d mois après le premier jour")
        finished = _("maîtrise ou doctorat obtenu dans les %(months)d mois qui précèdent le premier jour")
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


def _age(criterion: CriterionJSON, words: ProgrammeWording) -> str:
    bounds = {key: criterion[key] for key in ("minimum", "maximum")}
    return _("de %(minimum)d à %(maximum)d ans %(day)s") % {**bounds, "day": _day(criterion, words)}


def _legal_status(criterion: CriterionJSON, _words: ProgrammeWording) -> str:
    return _join_names(criterion["accepted"], _STATUSES, _(" ou "))


def _domicile(criterion: CriterionJSON, _words: ProgrammeWording) -> str:
    return _join_names(criterion["provinces"], _PROVINCES, _(" ou "))


def _residence(criterion: CriterionJSON, words: ProgrammeWording) -> str:
    return _("assurance maladie et impôt, depuis %(months)d mois ou plus %(day)s") % {
        "months": criterion["months"],
        "day": _day(criterion, words),
    }


def _writing(criterion: CriterionJSON, _words: ProgrammeWording) -> str:
    languages = _join_names(criterion["languages"], _LANGUAGES, _(" et "))
    return _("atteste écrire très bien en %(languages)s") % {"languages": languages}


def _skills(_criterion: CriterionJSON, _words: ProgrammeWording) -> str:
    return _("atteste avoir celles que l’offre demande")


def _once_only(_criterion: CriterionJSON, _words: ProgrammeWording) -> str:
    return _("n’a jamais pris part au programme")


_RULES: dict[str, Callable[[CriterionJSON, ProgrammeWording], str]] = {
    "STUDIES": _studies,
    "AGE": _age,
    "LEGAL_STATUS": _legal_status,
    "DOMICILE": _domicile,
    "RESIDENCE": _residence,
    "WRITING": _writing,
    "SKILLS": _skills,
    "ONCE_ONLY": _once_only,
}
