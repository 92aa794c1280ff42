"""STUDIES: the branches that a sentence accepts, for people who study or recently completed their studies."""

import re

from .sentence import NUMBER, UNIT, ParsedCriterion, Sentence, months_of

FINISHING_WITHIN_MONTHS = 12  # default of the programme, if the offer states no limit for the end

_LEVEL = (
    r"(?:(?:2 ?(?:e|eme|nd|nde)|deuxieme|second)(?: cycles?)?|maitrises?|(?:3 ?(?:e|eme)|troisieme)(?: cycles?)?"
    r"|doctorats?|cycles superieurs)\b"
)
_SECOND = re.compile(r"2 ?(?:e|eme|nd|nde)\b|deuxieme|second\b|maitrise|cycles superieurs")
_THIRD = re.compile(r"3 ?(?:e|eme)\b|troisieme|doctorat|cycles superieurs")
_LINK = (
    r"(?:(?:des|de|du|d'|la|le|les|l'|un|une|ses|leurs|vos|son|sa|au|aux|a|en|dans|programmes?|etudes?|universitaires?"
    r"|formation|niveau|diplomes?|grade|superieures?) ?)*"
)
_OR = r"(?:,? ?(?:ou|et/ou),? |, )"
_LEVELS = (
    rf"{_LINK}{_LEVEL}(?:{_OR}{_LINK}{_LEVEL}|(?: et )(?:de |d'|au |de la )?{_LEVEL}(?= cycles?| ou|,|\.|$))*"
)
_STUDYING = (
    r"(?:(?:etre )?(?:en voie d[e'] ?(?:terminer|completer|achever|obtenir"
    r"|finir)|sur le point d[e'] ?(?:terminer|completer|obtenir)"
    r"|(?:pres|proches?) d[e'] ?(?:terminer|completer)|en train d[e'] ?(?:terminer|completer)"
    r"|(?:actuellement )?inscrite?s?|(?:actuellement )?etudiante?s?)"
    r"|poursuivre|terminer|completer|faire|etudier|suivre|etre(?= (?:au |aux |en |a la )))"
)
_IN_PROGRESS = re.compile(rf"\b(?:{_STUDYING}) {_LEVELS}")

_WINDOW_START = (
    r"(?: (?:precedant|qui precede(?:nt)?|avant)\b(?: immediatement)?"
    r"(?: (?:le |la |leur |son |votre )?(?:(?:debut|commencement|date de debut)"
    r"(?: prevu)?(?: (?:du|de ce|de votre))? stage|stage))?)?"
)
_WITHIN = (
    r"(?:,? ?(?:dans|au cours d[e'u]s?|durant|pendant|lors d[e']s?)"
    r"(?: (?:les|la|le|l'|une|des|cette))? ?(?:l')?(?:periode d[e'] ?)?"
    rf"(?:(?P<count>{NUMBER}) )?(?:derniere?s? )?(?P<unit>{UNIT})\b(?: derniere?s?)?{_WINDOW_START}"
    rf"|,? ?(?:il y a|depuis) (?:moins d[e'] ?|au plus |un maximum d[e'] ?)(?P<ago>{NUMBER}) (?P<ago_unit>{UNIT})\b)"
)
_DEGREE = re.compile(
    r"\b(?:(?:avoir|ayant) (?:recemment )?(?:obtenu|termine|complete|recu|acheve|decroche)(?: avec succes)?"
    r"|detenir|posseder|etre titulaire d[e']) ?"
    rf"{_LEVELS}(?: obtenue?s?)?{_WITHIN}"
)
_BAR = re.compile(
    r"\b(?:(?:etre )?(?:inscrite?s?|admise?s?|etudiante?s?) )?(?:(?:a|aupres de|dans|de) )?"
    r"(?:suivre )?(?:la formation (?:professionnelle )?(?:de |du )?)?(?:l')?"
    r"(?:l'|au |du )?(?:ecole du )?barreau(?: du quebec)?\b"
)
_ORDER = re.compile(
    r"\b(?:(?:etre )?(?:inscrite?s?|membres?) )?(?:devoir faire un stage pour entrer )?"
    r"(?:(?:a|au|aupres d|dans|d|de)[ '])?(?:tout |un |l'un des |toute? )?(?:autre )?ordres? professionnels?"
    r"(?: (?:exigeant|qui exige(?:nt)?|requerant|qui requiert|qui demande(?:nt)?)"
    r" (?:un|la realisation d'un|de faire un) stage)?"
    r"(?: (?:pour|en vue d[e']|menant a|aux fins d[e']|afin d[e']) ?(?:(?:l'obtention"
    r"|obtenir|l'acces|acceder) ?)?(?:(?:du|le|au|d'un|un|leur|son) )?"
    r"(?:droit|permis) (?:d'exercice|d'exercer|de pratique)(?: (?:de )?(?:la|leur|sa|une|cette) profession)?)?"
)
_STAGE_ASKED = re.compile(r"\bstage\b")
_FINISHING = re.compile(
    rf",? ?(?:dans|d'ici|au plus tard)(?: (?:les|un delai de))? (?P<count>{NUMBER}) (?P<unit>{UNIT})"
    r" (?:suivant|qui suivent|apres)(?: la fin| le)?(?: (?:le )?debut)?(?: du| le)? stage"
)
_ONE_OF = re.compile(
    r"\b(?:dans |a )?l'une? (?:ou l'autre )?des (?:situations|conditions|exigences|categories) suivantes ?:?"
)


def read_studies(sentence: Sentence) -> ParsedCriterion | None:
    """Read the studies that the offer accepts, as alternatives in one sentence.

    The rule always accepts second- and third-cycle studies in progress: `assumes` is true if the sentence omits one
    of them, or the recent degree.
    """
    before = sentence.rest
    finishing = sentence.take(_FINISHING)
    degrees = sentence.consume_all(_DEGREE)
    studying = " ".join(match[0] for match in sentence.consume_all(_IN_PROGRESS))
    if not degrees and not studying:
        sentence.rest = before
        return None
    windows = {_window(degree) for degree in degrees}
    within = months_of(finishing["count"], finishing["unit"]) if finishing else FINISHING_WITHIN_MONTHS
    bar, order = sentence.take(_BAR), sentence.take(_ORDER)
    if len(windows) > 1 or None in windows or within is None:
        sentence.rest = before
        return None
    sentence.take(_ONE_OF)
    return ParsedCriterion(
        "STUDIES",
        {
            "degree_window_months": windows.pop() if windows else 0,
            "finishing_within_months": within,
            "bar_school": bar is not None,
            "professional_order_stage": order is not None,
        },
        assumes=not degrees
        or not _SECOND.search(studying)
        or not _THIRD.search(studying)
        or bool(order and not _STAGE_ASKED.search(order[0])),
    )


def _window(degree: re.Match[str]) -> int | None:
    """Return the maximum age of a degree, in calendar months: « dans l’année » is one year, « dans les mois » None."""
    if degree["ago"]:
        return months_of(degree["ago"], degree["ago_unit"])
    if degree["count"]:
        return months_of(degree["count"], degree["unit"])
    return months_of("1", degree["unit"]) if degree["unit"] in {"annee", "an"} else None
