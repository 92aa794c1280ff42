"""Alternative wordings of published conditions: each one is parsed completely."""

from collections.abc import Callable

import pytest

from offers.page.criteria.attestations import read_once_only, read_skills, read_writing
from offers.page.criteria.legal_status import read_domicile, read_residence
from offers.page.criteria.sentence import ParsedCriterion, Sentence
from offers.page.criteria.studies import read_studies

DEGREE = "un diplôme de maîtrise ou de doctorat"
LEVELS = "un programme de 2e ou de 3e cycle"


@pytest.mark.parametrize(
    "read, text",
    [
        (read_studies, f"Être en voie d’obtenir {DEGREE}"),
        (read_studies, f"Être sur le point de compléter {LEVELS}"),
        (read_studies, f"En train de terminer {LEVELS}"),
        (read_studies, f"Être actuellement inscrit à {LEVELS}"),
        (read_studies, f"Être étudiante à {LEVELS}"),
        (read_studies, f"Poursuivre {LEVELS}"),
        (read_studies, f"Suivre {LEVELS}"),
        (read_studies, f"Avoir récemment obtenu {DEGREE} dans les deux ans"),
        (read_studies, f"Ayant terminé avec succès {DEGREE} au cours des deux dernières années"),
        (read_studies, f"Détenir {DEGREE} depuis au plus deux ans"),
        (read_studies, f"Être titulaire d’{DEGREE} durant les deux ans qui précèdent le stage"),
        (read_studies, f"Posséder {DEGREE} pendant les 24 mois avant le début du stage"),
        (read_studies, f"Avoir reçu {DEGREE} lors des 24 derniers mois"),
        (read_studies, f"Avoir complété {DEGREE} il y a un maximum de deux ans"),
        (read_skills, "Posséder les compétences demandées dans cette offre"),
        (read_skills, "Avoir l’expérience et les qualifications exigées"),
        (read_once_only, "La participation à ce programme n’est possible qu’une seule fois"),
        (read_once_only, "Une personne ne peut participer qu’une fois au programme"),
        (read_once_only, "Nul ne participe qu’une seule fois à ce programme de stages"),
        (
            read_once_only,
            "Toute personne ayant déjà pris part au programme ne pourra plus y participer de nouveau",
        ),
        (read_once_only, "Ne jamais avoir effectué un stage offert par le programme"),
        (read_writing, "Avoir une excellente capacité d’expression écrite en français"),
        (read_writing, "Démontrer une excellente aptitude à rédiger en français"),
        (read_writing, "Savoir écrire sans faute en français"),
        (read_writing, "Avoir une excellente connaissance du français écrit"),
        (read_domicile, "Avoir son domicile légal au Québec"),
        (read_domicile, "Maintenir votre domicile principal dans la province de Québec"),
        (read_domicile, "Demeurer au Québec"),
        (read_residence, "Avoir résidé au Québec depuis au moins 12 mois"),
        (read_residence, "Vivre de façon continue au Québec durant les douze derniers mois"),
        (read_residence, "Résider au Québec depuis un an ou plus"),
    ],
)
def test_each_wording_of_a_condition_is_parsed_completely(
    read: Callable[[Sentence], ParsedCriterion | None], text: str
) -> None:
    sentence = Sentence(text)
    assert read(sentence) is not None
    assert sentence.unread_words == set()
