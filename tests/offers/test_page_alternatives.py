"""Alternative wordings on published pages: each one is parsed."""

import pytest

from offers.blocks import parse_blocks
from offers.page.criteria.attestations import read_once_only, read_skills, read_writing
from offers.page.criteria.legal_status import read_domicile, read_residence
from offers.page.criteria.sentence import Sentence, consume_day
from offers.page.criteria.studies import read_studies
from offers.page.grid import read_grid
from offers.page.header_values import Place, read_place
from offers.page.lines import fold, is_boilerplate, squash
from offers.page.sections import kind_of_known_title, kind_of_likely_title

AROUND = (
    "télétravail présentiel présence hybride mode distance virtuel virtuellement distanciel en à au ou et avec "
    "possible possibilité de partiel stage"
)
"""Words about the way of working, which are not part of a place."""


@pytest.mark.parametrize("word", AROUND.split())
def test_a_term_about_the_way_of_working_is_no_part_of_a_place(word: str) -> None:
    assert read_place(f"Télétravail {word}, Rome") == Place("Rome", remote_possible=True, is_understood=True)
    assert read_place(f"Rome, télétravail {word}") == Place("Rome", remote_possible=True, is_understood=True)


@pytest.mark.parametrize(
    "words", ["télétravail", "à distance", "hybride", "virtuel", "virtuellement", "distanciel"]
)
def test_each_form_of_working_from_home_is_recognised(words: str) -> None:
    assert read_place(words) == Place(words, remote_possible=True, is_understood=True)


@pytest.mark.parametrize("word", ["sans", "pas", "aucun", "non", "impossible", "exclu"])
def test_refused_work_from_home_gives_an_open_point(word: str) -> None:
    printed = f"Rome, {word} en télétravail"
    assert read_place(printed) == Place(printed, remote_possible=False, is_understood=False)


@pytest.mark.parametrize(
    "title, kind",
    [
        ("mandat de l'unite", "MANDATE"),
        ("a propos de l'organisation", "MANDATE"),
        ("description du mandat et responsabilites", "TASKS"),
        ("principales taches et responsabilites", "TASKS"),
        ("responsabilites", "TASKS"),
        ("competences exigees", "SKILLS"),
        ("experience et competences requises", "SKILLS"),
        ("admissibilite", "ELIGIBILITY"),
        ("pandemie de covid-19", "HEALTH"),
        ("renseignements", "CONTACT"),
        ("pour plus d'informations sur le stage", "CONTACT"),
        ("coordonnees", "CONTACT"),
    ],
)
def test_each_title_of_the_programme_is_recognised(title: str, kind: str) -> None:
    assert kind_of_known_title(title) == kind


@pytest.mark.parametrize(
    "title, kind",
    [
        ("Effets de la pandémie", "HEALTH"),
        ("Situation de COVID", "HEALTH"),
        ("Qualifications", "SKILLS"),
        ("Compétence linguistique", "SKILLS"),
        ("Responsabilités du poste", "TASKS"),
        ("Présentation de l’organisme", "MANDATE"),
        ("Questions", "CONTACT"),
        ("Renseignements utiles", "CONTACT"),
        ("Comment joindre une personne", "CONTACT"),
        ("Coordonnées utiles", "CONTACT"),
    ],
)
def test_the_kind_of_a_title_is_recognised_by_one_term(title: str, kind: str) -> None:
    assert kind_of_likely_title(title, squash(fold(title))) == kind


@pytest.mark.parametrize(
    "line",
    [
        "bouton pour ouvrir ou fermer la recherche",
        "aller au contenu principal.",
        "retourner en haut de la page",
        "retour a l'accueil",
        "haut de la page",
        "mise a jour : le 1er mai 2024",
        "partager la page",
        "acces a l'information",
        "rechercher",
        "© gouvernement du quebec",
        "offre de stage",
        "stages en organisations internationales gouvernementales",
    ],
)
def test_each_boilerplate_line_of_the_site_is_recognised(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize(
    "text, requirement",
    [
        ("Nager, des atouts.", "ASSET"),
        ("Une expérience souhaitée.", "ASSET"),
        ("Des études souhaitables.", "ASSET"),
        ("Nager constituerait un avantage.", "ASSET"),
        ("Nager comme un plus.", "ASSET"),
        ("Nager (ce serait un atout).", "ASSET"),
        ("Nager (souhaitable).", "ASSET"),
        ("Un plus grand avantage.", "REQUIRED"),
    ],
)
def test_each_form_of_requiring_or_welcoming_a_skill_is_recognised(text: str, requirement: str) -> None:
    assert [line.requirement for line in read_grid(parse_blocks(text))] == [requirement]


@pytest.mark.parametrize(
    "text, day",
    [
        ("à la date prévue pour le début du stage", "starts_on"),
        ("à la date à laquelle le stage commence", "starts_on"),
        ("à la date où débute le stage", "starts_on"),
        ("dès le commencement de ce stage", "starts_on"),
        ("au moment de débuter votre stage", "starts_on"),
        ("le jour où le stage commence", "starts_on"),
        ("au moment de la fermeture", "closes_on"),
        ("à la date de clôture pour postuler", "closes_on"),
        ("lors de l’inscription", "closes_on"),
        ("à la date du dépôt de votre candidature", "closes_on"),
        ("au moment de soumettre sa candidature", "closes_on"),
    ],
)
def test_each_form_of_naming_the_day_is_read(text: str, day: str) -> None:
    sentence = Sentence(text)
    assert consume_day(sentence, default="")[0] == day
    assert sentence.unread_words == set()


@pytest.mark.parametrize(
    "doing",
    [
        "être en voie de terminer",
        "être en voie d’obtenir",
        "être sur le point de compléter",
        "être près de terminer",
        "proche de compléter",
        "en train de terminer",
        "être actuellement inscrit à",
        "être étudiante à",
        "poursuivre",
        "terminer",
        "faire",
        "suivre",
        "étudier à",
    ],
)
@pytest.mark.parametrize("levels", ["une maîtrise ou un doctorat", "un programme de 2e ou de 3e cycle"])
def test_each_form_of_studies_is_read(doing: str, levels: str) -> None:
    sentence = Sentence(f"{doing} {levels}")
    found = read_studies(sentence)
    assert found is not None
    assert sentence.unread_words == set()


@pytest.mark.parametrize(
    "having, within",
    [
        ("avoir récemment obtenu", "dans les deux ans"),
        ("ayant terminé avec succès", "au cours des deux dernières années"),
        ("détenir", "depuis au plus deux ans"),
        ("être titulaire d’", "durant les deux ans qui précèdent le stage"),
        ("posséder", "pendant les 24 mois avant le début du stage"),
        ("avoir reçu", "lors des 24 derniers mois"),
        ("avoir complété", "il y a un maximum de deux ans"),
    ],
)
def test_each_form_of_a_degree_is_read(having: str, within: str) -> None:
    sentence = Sentence(f"{having} un diplôme de maîtrise ou de doctorat {within}")
    found = read_studies(sentence)
    assert found is not None
    assert (found.parameters["degree_window_months"], sentence.unread_words) == (24, set())


@pytest.mark.parametrize(
    "text",
    [
        "Posséder les compétences demandées dans cette offre",
        "Avoir l’expérience et les qualifications exigées",
        "Répondre aux exigences énumérées dans la section précédente",
        "Avoir les aptitudes et les connaissances nécessaires",
    ],
)
def test_each_form_of_requiring_skills_is_read(text: str) -> None:
    assert read_skills(Sentence(text)) is not None


@pytest.mark.parametrize(
    "text",
    [
        "La participation à ce programme n’est possible qu’une seule fois",
        "La participation au programme est non renouvelable",
        "Une personne ne peut participer qu’une fois au programme",
        "Nul ne participe qu’une seule fois à ce programme de stages",
        "Les candidats qui ont déjà bénéficié d’un stage dans le cadre du programme ne seront pas admissibles",
        "Toute personne ayant déjà pris part au programme ne pourra plus y participer de nouveau",
        "Ne jamais avoir effectué un stage offert par le programme",
        "N’avoir pas encore participé au programme",
    ],
)
def test_each_wording_of_taking_part_once_is_parsed_completely(text: str) -> None:
    sentence = Sentence(text)
    assert read_once_only(sentence) is not None
    assert sentence.unread_words == set()


@pytest.mark.parametrize(
    "text, assumes",
    [
        ("Posséder d’excellentes qualités rédactionnelles en français", False),
        ("Avoir une excellente capacité d’expression écrite en français", False),
        ("Démontrer une excellente aptitude à rédiger en français", False),
        ("Savoir écrire sans faute en français", False),
        ("Être capable de rédiger parfaitement en français uniquement", False),
        ("Avoir une excellente connaissance du français écrit", False),
        ("Avoir de solides compétences en rédaction en français", True),
    ],
)
def test_each_form_of_writing_skill_is_read(text: str, assumes: bool) -> None:  # noqa: FBT001 -- a column of the table
    sentence = Sentence(text)
    found = read_writing(sentence)
    assert found is not None
    assert (found.parameters, found.assumes, sentence.unread_words) == ({"languages": ["fr"]}, assumes, set())


@pytest.mark.parametrize(
    "text",
    [
        "Avoir son domicile légal au Québec",
        "Maintenir votre domicile principal dans la province de Québec",
        "Être domiciliée dans la province du Québec",
        "Demeurer au Québec",
        "Avoir sa résidence principale au Québec",
    ],
)
def test_each_form_of_living_in_quebec_is_read_as_a_domicile(text: str) -> None:
    found = read_domicile(Sentence(text))
    assert found is not None
    assert found.parameters == {"provinces": ["QC"]}


@pytest.mark.parametrize(
    "text",
    [
        "Avoir résidé au Québec depuis au moins 12 mois",
        "Être résidente du Québec pendant un minimum de douze mois",
        "Vivre de façon continue au Québec durant les douze derniers mois",
        "Avoir sa résidence principale au Québec depuis une période d’un an",
        "Résider au Québec depuis un an ou plus",
    ],
)
def test_each_form_of_residence_for_a_year_is_read(text: str) -> None:
    sentence = Sentence(text)
    found = read_residence(sentence)
    assert found is not None
    assert (found.parameters["months"], sentence.unread_words) == (12, set())
