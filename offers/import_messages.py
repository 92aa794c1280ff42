"""Messages of an import: the points that a person must settle, and the reasons why a text cannot be read."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offers.page.parts import PageUnreadableError, Point, Problem

_MAX_EXCERPT_LENGTH = 160  # characters quoted in a sentence; the point stores all

_POINTS = {
    "CHARACTER_LOST": gettext_lazy("Il manque un caractère, perdu avant l’importation : « %(excerpt)s »."),
    "NUMBER_NOT_READ": gettext_lazy("Le numéro de l’offre est illisible : « %(excerpt)s »."),
    "HEADER_LINE_REPEATED": gettext_lazy("L’en-tête contient un doublon, écarté : « %(excerpt)s »."),
    "HEADER_LINE_PARTLY_READ": gettext_lazy("Une partie de l’en-tête est illisible : « %(excerpt)s »."),
    "DOMAIN_MISSING": gettext_lazy("L’offre n’indique pas son domaine."),
    "PLACE_MISSING": gettext_lazy("L’offre n’indique pas le lieu du stage."),
    "ALLOWANCE_MISSING": gettext_lazy("L’offre n’indique pas l’allocation."),
    "ALLOWANCE_NOT_READ": gettext_lazy("L’allocation est illisible : « %(excerpt)s »."),
    "WEEKDAY_DIFFERS": gettext_lazy("Le jour de la semaine ne correspond pas à la date : « %(excerpt)s »."),
    "START_NOT_MONDAY": gettext_lazy("Le stage ne commence pas un lundi : « %(excerpt)s »."),
    "END_NOT_FRIDAY": gettext_lazy("Le stage ne finit pas un vendredi : « %(excerpt)s »."),
    "LENGTH_UNUSUAL": gettext_lazy("La durée du stage est inhabituelle : « %(excerpt)s »."),
    "DEADLINE_AFTER_START": gettext_lazy(
        "Les inscriptions finiraient après le début du stage : « %(excerpt)s »."
    ),
    "MANDATE_SECTION_MISSING": gettext_lazy("Il manque la section sur le mandat de l’organisation."),
    "TASKS_SECTION_MISSING": gettext_lazy("Il manque la section sur les tâches."),
    "SKILLS_SECTION_MISSING": gettext_lazy("Il manque la section sur les compétences et l’expérience."),
    "ELIGIBILITY_SECTION_MISSING": gettext_lazy("Il manque la section sur l’admissibilité."),
    "SECTION_NOT_RECOGNISED": gettext_lazy(
        "L’importation ne reconnaît pas la section « %(excerpt)s » ; son texte est conservé."
    ),
    "SECTION_EMPTY": gettext_lazy("La section « %(excerpt)s » est vide."),
    "TEXT_NOT_PLACED": gettext_lazy("Ce texte ne correspond à aucune section : « %(excerpt)s »."),
    "CRITERION_NOT_READ": gettext_lazy(
        "Ce critère n’est pas reconnu, et une personne devra l’examiner : « %(excerpt)s »."
    ),
    "CRITERION_PARTLY_READ": gettext_lazy(
        "La règle proposée ne couvre pas tout ce critère : « %(excerpt)s »."
    ),
    "CRITERION_ASSUMED": gettext_lazy(
        "La règle proposée ne rend pas tout ce critère, vérifiez-la : « %(excerpt)s »."
    ),
    "CRITERION_REPEATED": gettext_lazy(
        "Un critère de même nature est déjà plus haut, et une personne devra examiner "
        "celui-ci : « %(excerpt)s »."
    ),
    "AGE_BOUND_MISSING": gettext_lazy("L’âge a une seule limite : « %(excerpt)s »."),
    "ONCE_ONLY_MISSING": gettext_lazy("L’offre n’indique pas que la participation est unique."),
    "GRID_EMPTY": gettext_lazy(
        "La section des compétences ne fournit aucune ligne pour la grille d’évaluation."
    ),
    "FUNDER_NOT_READ": gettext_lazy("Le bailleur de fonds est illisible : « %(excerpt)s »."),
    "CONTACT_MISSING": gettext_lazy("L’offre n’indique aucun contact."),
    "CONTACT_NOT_READ": gettext_lazy(
        "L’offre ne contient ni adresse courriel ni téléphone pour les questions : « %(excerpt)s »."
    ),
}

_FIELDS = {
    "ORGANISATION": gettext_lazy("l’organisation"),
    "DATES": gettext_lazy("les dates du stage"),
    "DEADLINE": gettext_lazy("la date limite d’inscription"),
}

_PROBLEMS = {
    Problem.EMPTY: gettext_lazy("le texte est vide"),
    Problem.CONTROL_CHARACTER: gettext_lazy(
        "un caractère de commande ; ce texte est endommagé, ou ce n’est pas du texte"
    ),
    Problem.MOJIBAKE: gettext_lazy(
        "des accents endommagés par un mauvais encodage (« %(excerpt)s ») ; enregistrez le texte en UTF-8"
    ),
    Problem.MISSING: gettext_lazy("il manque %(field)s"),
    Problem.NOT_READ: gettext_lazy("%(field)s : « %(excerpt)s » est illisible"),
    Problem.NO_SUCH_DAY: gettext_lazy("%(field)s : « %(excerpt)s » contient un jour qui n’existe pas"),
    Problem.ENDS_BEFORE_START: gettext_lazy(
        "%(field)s : « %(excerpt)s » finit avant de commencer, ou le même jour"
    ),
    Problem.TOO_LONG: gettext_lazy("%(field)s : « %(excerpt)s » est trop long"),
}


def point_message(code: str, excerpt: str = "") -> str:
    """Return one sentence about a point; for an unknown code, the code and the excerpt."""
    sentence = _POINTS.get(code)
    if sentence is None:
        return _("%(code)s : « %(excerpt)s ».") % {"code": code, "excerpt": _shortened(excerpt)}
    return str(sentence) % {"excerpt": _shortened(excerpt)}


def warning_messages(points: Iterable[Point]) -> list[str]:
    """Return the sentences of an import's points, in order."""
    return [point_message(point.code, point.excerpt) for point in points]


def explain_unreadable(error: PageUnreadableError) -> str:
    """Return one line about why a text cannot be read, with its line number or its field."""
    text = str(_PROBLEMS[error.problem]) % {
        "field": _FIELDS.get(error.field, ""),
        "excerpt": _shortened(error.excerpt),
    }
    return _("ligne %(line)d : %(words)s") % {"line": error.line, "words": text} if error.line else text


def _shortened(excerpt: str) -> str:
    # The sentence around the excerpt adds its own full stop.
    one_line = " ".join(excerpt.split()).removesuffix(".")
    return (
        one_line
        if len(one_line) <= _MAX_EXCERPT_LENGTH
        else f"{one_line[: _MAX_EXCERPT_LENGTH - 1].rstrip()}…"
    )
