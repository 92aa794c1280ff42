"""LEGAL_STATUS, DOMICILE and RESIDENCE: criteria about a person's status in Canada and in Québec."""

import re

from .sentence import NUMBER, UNIT, ParsedCriterion, Sentence, consume_day, months_of

_STATUSES = {
    "CITIZEN": r"citoyennete canadienne|citoyen(?:ne)?s? (?:canadien(?:ne)?s?|du canada)|nationalite canadienne"
    r"|etre canadien(?:ne)?s?",
    "PERMANENT_RESIDENT": r"(?:statut d[e'] ?)?residente?s? permanente?s?|residence permanente",
    "PROTECTED_PERSON": r"(?:statut d[e'] ?)?(?:personne protegee|refugiee?)",
    "ASYLUM_CLAIMANT": r"(?:statut d[e'] ?)?(?:demandeu(?:r|se) d'asile|demande d'asile)",
    "TEMPORARY_PERMIT": r"permis (?:d'etudes|de travail|temporaire)|(?:statut d[e'] ?)?residente? temporaire",
}
_STATUS = {code: re.compile(rf"\b(?:{words})\b(?: (?:du|au) canada)?") for code, words in _STATUSES.items()}

_PROVINCES = {
    "AB": "alberta",
    "BC": "colombie-britannique",
    "MB": "manitoba",
    "NB": "nouveau-brunswick",
    "NL": "terre-neuve-et-labrador",
    "NS": "nouvelle-ecosse",
    "NT": "territoires du nord-ouest",
    "NU": "nunavut",
    "ON": "ontario",
    "PE": "ile-du-prince-edouard",
    "QC": "quebec",
    "SK": "saskatchewan",
    "YT": "yukon",
}
_CODES = {name: code for code, name in _PROVINCES.items()}
_NAME = rf"(?:{'|'.join(_CODES)}|canada)\b"
_IN = (
    r"(?:(?:dans|de) (?:la |une )?(?:province|territoire) (?:de la |de"
    r" l'|du |de |d')|au |en |a l'|a |dans les |du |de l')"
)
_PLACES = rf"(?P<places>{_IN}{_NAME}(?:(?:,| ou|, ou) (?:{_IN})?{_NAME})*)"
_DOMICILED = re.compile(
    rf"\b(?:(?:etre |avoir ete )?domiciliee?s?|(?:avoir|maintenir) (?:(?:son|sa|leur|votre|vos|un|le) )?"
    rf"domicile(?: legal| principal)?) {_PLACES}"
)
_LIVING = re.compile(
    r"\b(?:resider|habiter|demeurer|vivre|avoir (?:sa|leur|votre|une) residence(?: principale)?|etre residente?s?)"
    rf"(?: habituellement| de facon permanente)? {_PLACES}"
)

_OF_QUEBEC = re.compile(
    r"\b(?:(?:etre |avoir ete )?residente?s? (?:du|au) quebec|(?:resider|avoir reside|habiter|demeurer|vivre"
    r"|avoir vecu|avoir (?:sa|une|leur|votre) residence(?: principale)?)"
    r"(?: habituellement| de facon (?:continue|permanente))? au quebec)\b"
)
_LAW = (
    r",? ?\b(?:(?:au sens|aux fins|en vertu|selon|aux termes|autant|tant|a"
    r" la fois|que|aussi bien|pour|et|loi|lois|du|de la|de l'|de"
    r"|des|la|les|le|l'|reglements?|sur)\b[ ']*)*"
)
_CHAPTER = r"(?: \((?:rlrq|l\.? ?r\.? ?q\.?|chapitre)[^()]{0,40}\))?"
_HEALTH = re.compile(rf"{_LAW}assurance[- ]maladie(?: du quebec)?\b{_CHAPTER}")
_TAX = re.compile(rf"{_LAW}(?:impots?|fiscalite)(?: sur le revenu)?(?: du quebec| provincial)?\b{_CHAPTER}")
_SINCE = re.compile(
    r",? ?\b(?:depuis|pendant|durant)(?: (?:au moins|au minimum|plus (?:de"
    r" |d')|un minimum d[e']|une periode d['e]|les|la|l'))*"
    rf" ?(?P<count>{NUMBER}) (?:derniere?s? )?(?P<unit>{UNIT})\b(?: "
    rf"(?:ou plus|et plus|au moins|au minimum|complete?s?))*"
)


def read_legal_status(sentence: Sentence) -> ParsedCriterion | None:
    """Read `Détenir la citoyenneté canadienne ou le statut de résident permanent du Canada` and its variants."""
    before = sentence.rest
    accepted = [code for code, words in _STATUS.items() if sentence.consume_all(words)]
    if not accepted:
        return None
    if len(accepted) > 1 and not re.search(r"\bou\b", before):
        # « Et » would require both statuses, which the rule cannot express.
        sentence.rest = before
        return None
    return ParsedCriterion("LEGAL_STATUS", {"accepted": accepted})


def read_domicile(sentence: Sentence) -> ParsedCriterion | None:
    """Read `Être domicilié(e) au Québec` and its variants. `assumes` is true for living there instead of a domicile."""
    domicile = sentence.take(_DOMICILED)
    match = domicile or sentence.take(_LIVING)
    if match is None:
        return None
    names = re.findall(_NAME, match["places"])
    provinces = list(_PROVINCES) if "canada" in names else [_CODES[name] for name in dict.fromkeys(names)]
    return ParsedCriterion("DOMICILE", {"provinces": provinces}, assumes=domicile is None)


def read_residence(sentence: Sentence) -> ParsedCriterion | None:
    """Read residence in Québec for health insurance and for tax since a number of months, and its variants.

    `assumes` is true if the sentence names only one of the two laws, or none: the rule requires both.
    """
    before = sentence.rest
    if not sentence.take(_OF_QUEBEC):
        return None
    laws = [sentence.take(_HEALTH), sentence.take(_TAX)]
    since = sentence.take(_SINCE)
    months = months_of(since["count"], since["unit"]) if since else 0
    if (since is None and not any(laws)) or months is None:
        sentence.rest = before
        return None
    on, near = consume_day(sentence, default="closes_on")
    return ParsedCriterion("RESIDENCE", {"months": months, "on": on}, assumes=near or not all(laws))
