"""Messages of an import: the points that a person must settle, and the reasons why a text cannot be read."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offers.page.parts import PageUnreadableError, Point, Problem

_MAX_EXCERPT_LENGTH = 160  # characters quoted in a sentence; the point stores all

_POINTS = {
    "CHARACTER_LOST": gettext_lazy("Un caractère a été perdu avant l’importation : « %(excerpt)s »."),
    "NUMBER_NOT_READ": gettext_lazy("Le numéro de l’offre ne se lit pas : « %(excerpt)s »."),
    "HEADER_LINE_REPEATED": gettext_lazy("L’en-tête dit deux fois la même chose ; écarté : « %(excerpt)s »."),
    "HEADER_LINE_PARTLY_READ": gettext_lazy("L’en-tête n’est lu qu’en partie : « %(excerpt)s »."),
    "DOMAIN_MISSING": gettext_lazy("L’offre ne dit pas son domaine."),
    "PLACE_MISSING": gettext_lazy("L’offre ne dit pas le lieu du stage."),
    "ALLOWANCE_MISSING": gettext_lazy("L’offre ne dit pas l’allocation accordée."),
    "ALLOWANCE_NOT_READ": gettext_lazy("L’allocation ne se lit pas : « %(excerpt)s »."),
    "WEEKDAY_DIFFERS": gettext_lazy("Le jour de la semaine ne va pas avec la date : « %(excerpt)s »."),
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
        "La section « %(excerpt)s » n’est pas de celles que l’importation connaît ; elle est gardée telle quelle."
    ),
    "SECTION_EMPTY": gettext_lazy("La section « %(excerpt)s » est vide."),
    "TEXT_NOT_PLACED": gettext_lazy("Ce texte n’a trouvé place nulle part : « %(excerpt)s »."),
    "CRITERION_NOT_READ": gettext_lazy(
        "Ce critère n’est pas reconnu ; une personne devra le juger : « %(excerpt)s »."
    ),
    "CRITERION_PARTLY_READ": gettext_lazy(
        "Ce critère dit autre chose encore que la règle qui en est tirée : « %(excerpt)s »."
    ),
    "CRITERION_ASSUMED": gettext_lazy(
        "La règle tirée de ce critère n’en est que proche ; à vérifier : « %(excerpt)s »."
    ),
    "CRITERION_REPEATED": gettext_lazy(
        "Un critère de même nature vient déjà plus haut ; une personne devra juger celui-ci : « %(excerpt)s »."
    ),
    "AGE_BOUND_MISSING": gettext_lazy("L’âge n’est borné que d’un côté : « %(excerpt)s »."),
    "ONCE_ONLY_MISSING": gettext_lazy("L’offre ne dit pas que l’on participe une seule fois au programme."),
    "GRID_EMPTY": gettext_lazy("La section des compétences ne donne aucune ligne à la grille d’évaluation."),
    "FUNDER_NOT_READ": gettext_lazy("Le bailleur de fonds ne se lit pas : « %(excerpt)s »."),
    "CONTACT_MISSING": gettext_lazy("L’offre ne dit pas à qui poser des questions."),
    "CONTACT_NOT_READ": gettext_lazy(
        "L’offre ne donne ni courriel ni téléphone pour les questions : « %(excerpt)s »."
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
        "un caractère de commande ; ce n’est pas du texte, ou il est abîmé"
    ),
    Problem.MOJIBAKE: gettext_lazy(
        "des accents abîmés par un mauvais encodage (« %(excerpt)s ») ; enregistrez le texte en UTF-8"
    ),
    Problem.MISSING: gettext_lazy("il manque %(field)s"),
    Problem.NOT_READ: gettext_lazy("%(field)s : « %(excerpt)s » ne se lit pas"),
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
