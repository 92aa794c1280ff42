"""The demonstration's people and the texts of its candidate. They are invented; no address can receive mail."""

from datetime import date
from itertools import cycle
from typing import Any, Final

from intake.devtools.sample_pdf import HEADING, TEXT, Block
from offers.models import Offer

CANDIDATE: Final = ("camille.tremblay@exemple.invalid", "Camille Tremblay")
REVIEWER: Final = ("dominique.roy@exemple.invalid", "Dominique Roy")
STAFF: Final = ("claude.gagnon@exemple.invalid", "Claude Gagnon")
ADMINISTRATOR: Final = ("andree.lavoie@exemple.invalid", "Andrée Lavoie")

NOTE: Final = (
    "Formation en plein dans le sujet, deux mandats de recherche sur les systèmes d’aide à la décision. "
    "L’anglais reste à vérifier à l’entrevue."
)

EXPORT_REASON: Final = "Démonstration : la liste telle que l’organisation hôte la recevrait."


_GRID_ANSWERS: Final = (
    "Maîtrise en éthique appliquée, Université Laval : mémoire sur la contestation des décisions automatisées.",
    "Auxiliaire de recherche, deux mandats d’un an : douze cadres d’évaluation lus et comparés avec la même grille.",
    "Stage d’été dans un organisme de défense des droits, à Québec : six ateliers préparés et animés.",
    "Coordination d’un club de lecture de quarante membres pendant trois ans, budget et calendrier compris.",
)
"""Answers to the grid lines of the offer, in turn; reused from the first if the offer has more lines."""


def answers_for(offer: Offer) -> dict[str, Any]:
    """Return answers, in the form of a draft, that the default rules of the offer admit whatever its dates."""
    year = offer.starts_on.year
    return {
        "first_name": "Camille",
        "last_name": "Tremblay",
        "birth_date": date(year - 26, 5, 4).isoformat(),
        "phone": "+14185550142",
        "address_line": "1200, rue des Érables, app. 4",
        "city": "Québec",
        "province": "QC",
        "postal_code": "G1R 2L6",
        "legal_status": "CITIZEN",
        "domicile_province": "QC",
        "quebec_resident_since": date(year - 26, 5, 4).isoformat(),
        "resident_for_health_insurance": True,
        "resident_for_tax": True,
        "studies": [
            {
                "level": "MASTER",
                "field_of_study": "Éthique appliquée",
                "institution": "Université Laval",
                "state": "IN_PROGRESS",
                "completed_on": None,
                "expected_on": date(year, 4, 30).isoformat(),
            },
            {
                "level": "BACHELOR",
                "field_of_study": "Philosophie et informatique",
                "institution": "Université de Montréal",
                "state": "COMPLETED",
                "completed_on": date(year - 2, 5, 31).isoformat(),
                "expected_on": None,
            },
        ],
        "bar_school": False,
        "professional_order_stage": False,
        "attests_writing_fr": True,
        "attests_writing_en": True,
        "attests_skills": True,
        "past_participant": False,
        "language_fr_read": "FLUENT",
        "language_fr_spoken": "FLUENT",
        "language_fr_written": "FLUENT",
        "language_en_read": "FLUENT",
        "language_en_spoken": "ADVANCED",
        "language_en_written": "ADVANCED",
        "other_languages": "Espagnol, lecture",
        "grid": {
            str(line.pk): said
            for line, said in zip(offer.grid_lines.order_by("position"), cycle(_GRID_ANSWERS), strict=False)
        },
    }


def _cv(year: int) -> str:
    return f"""\
1200, rue des Érables, app. 4, Québec (Québec) G1R 2L6 · 418 555-0142
# Formation
Maîtrise en éthique appliquée, Université Laval, de {year - 2} à {year} (diplôme prévu en avril).
Baccalauréat en philosophie et informatique, Université de Montréal, {year - 2}.
# Expérience
Auxiliaire de recherche, {year - 1} : revue des cadres d’évaluation des systèmes d’aide à la décision dans douze \
administrations publiques, grille de lecture commune, tableau de bord en R et en Python.
Stagiaire dans un organisme de défense des droits, été {year - 2} : vulgarisation de la loi sur les renseignements \
personnels et animation de six ateliers.
# Langues
Français, langue maternelle. Anglais, rédaction et expression courantes. Espagnol, lecture.
# Engagement
Bénévole au ciné-club de la faculté ; mentore de deux étudiantes de première année."""


def _motivation(year: int) -> str:
    return f"""\
Aux membres du comité,
Depuis deux ans, mon mémoire pose une question simple : que doit pouvoir demander une personne à qui une machine \
vient de répondre non ? J’ai lu des directives, interrogé des fonctionnaires, comparé des formulaires. Partout, la \
réponse tient moins à la technique qu’à la manière dont une institution s’explique.
Travailler six mois auprès de l’organisation me permettrait de suivre une recommandation internationale jusqu’à \
l’endroit où elle change quelque chose : un guide, une procédure, une décision relue par quelqu’un. J’y apporterais \
une habitude du travail d’équipe, une écriture claire en français et en anglais, et de quoi traiter des données sans \
les faire parler plus qu’elles ne disent.
Mon diplôme est prévu pour avril {year} ; ma direction de mémoire a accepté que la rédaction finale se fasse pendant \
le stage.
Camille Tremblay"""


def _transcript(year: int) -> str:
    return f"""\
Document de démonstration : aucune université ne l’a délivré.
# Maîtrise en éthique appliquée, automne {year - 2}
Fondements de l’éthique (3 crédits) : A
Méthodes qualitatives (3 crédits) : A-
Droit et technologies (3 crédits) : A
# Hiver {year - 1}
Éthique de l’intelligence artificielle (3 crédits) : A+
Statistique pour les sciences sociales (3 crédits) : B+
Séminaire de mémoire (3 crédits) : réussi
# Moyenne cumulative
4,05 sur 4,33"""


def _enrolment(year: int) -> str:
    return f"""\
Document de démonstration : aucune université ne l’a délivré.
Camille Tremblay est inscrite à temps plein à la maîtrise en éthique appliquée pour l’année {year - 1}-{year}. La \
fin du programme est prévue le 30 avril {year}."""


_DOCUMENTS: Final = {
    "CV": ("Camille Tremblay", _cv),
    "MOTIVATION_LETTER": ("Lettre de motivation", _motivation),
    "TRANSCRIPT": ("Relevé de notes", _transcript),
    "ENROLMENT_PROOF": ("Attestation d’inscription", _enrolment),
}
FILE_NAMES: Final = {
    "CV": "curriculum-vitae.pdf",
    "MOTIVATION_LETTER": "lettre-de-motivation.pdf",
    "TRANSCRIPT": "releve-de-notes.pdf",
    "ENROLMENT_PROOF": "preuve-inscription.pdf",
}


def document_for(kind: str, offer: Offer) -> tuple[str, list[Block]]:
    """Return title and blocks of the document of this kind; for an unknown kind, a line that names the kind."""
    title, write = _DOCUMENTS.get(kind, ("Document de démonstration", lambda _year: f"Genre : {kind}."))
    # Each line is a block: a heading after « # », else a paragraph.
    lines = write(offer.starts_on.year).split("\n")
    return title, [(HEADING, line[2:]) if line.startswith("# ") else (TEXT, line) for line in lines]
