"""Parts taken from one sentence about eligibility, the remaining words, and the parser of each criterion kind."""

import re

import pytest

from offers.page.criteria.age import read_age
from offers.page.criteria.attestations import read_once_only, read_skills, read_writing
from offers.page.criteria.legal_status import read_domicile, read_legal_status, read_residence
from offers.page.criteria.sentence import ParsedCriterion, Sentence, consume_day
from offers.page.criteria.studies import read_studies

TIES = (
    "a au aux avoir candidat candidate candidates candidats d de des detenir devez devoir doit doivent du egalement en "
    "et etre faut il l la le les personne personnes posseder un une vous"
)
"""Words that only connect a sentence."""
TURNS = (
    "atout cependant derogation dispense dispenses excepte exception facultatif hormis idealement jamais mais n ne non "
    "ou pas peut peuvent pourra pourront preferablement preference sans sauf si sinon souhaitable souhaite toutefois"
)
"""Words that change the meaning of a condition."""


# -- A sentence ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("word", TIES.split())
def test_a_linking_term_is_not_left_over(word: str) -> None:
    assert Sentence(f"{word} bateau").unread_words == {"bateau"}


@pytest.mark.parametrize("word", TURNS.split())
def test_a_term_that_qualifies_a_condition_is_noticed(word: str) -> None:
    assert Sentence(f"bateau, {word} voile").is_qualified
    assert Sentence(f"bateau, {word} voile").unread_words == {"bateau", word, "voile"}


@pytest.mark.parametrize(
    "text, turned",
    [
        ("Bateau à moins de trois", True),
        ("Bateau à moins d’une", True),
        ("Bateau à moins que", True),
        ("Bateau à moins qu’il", True),
        ("Bateau à moins", False),
        ("Bateau", False),
    ],
)
def test_an_exception_qualifies_a_condition_too(text: str, turned: bool) -> None:  # noqa: FBT001 -- a column of the table
    assert Sentence(text).is_qualified is turned


@pytest.mark.parametrize(
    "text, plain",
    [
        ("Inscrit(e), admis(e)s, canadien(ne)", "inscrit, admiss, canadien"),
        ("Inscrit·e·s, âgé•e, né.e ici", "inscrit, age, ne ici"),
        ("Citoyen ou citoyenne, étudiant ou une étudiante", "citoyen, etudiant"),
        ("Citoyenne ou un citoyen", "citoyen"),
        ("Voisine ou chanteuse", "voisine ou chanteuse"),
        ("Un | deux", "un deux"),
    ],
)
def test_a_sentence_is_read_without_its_gender_markers(text: str, plain: str) -> None:
    sentence = Sentence(text)
    assert " ".join(sentence.text.split()) == plain
    assert sentence.rest == sentence.text


def test_a_taken_part_leaves_the_rest_and_stays_in_the_text() -> None:
    sentence = Sentence("Nager 3 fois et 5 fois")
    found = sentence.take(re.compile(r"\d fois"))
    assert found is not None
    assert (found[0], sentence.rest) == ("3 fois", "nager  |  et 5 fois")
    assert sentence.take(re.compile("ramer")) is None
    assert [one[0] for one in sentence.consume_all(re.compile(r"\d"))] == ["5"]
    assert (sentence.text, sentence.unread_words) == ("nager 3 fois et 5 fois", {"nager", "fois"})


@pytest.mark.parametrize(
    "rest, joined",
    [
        ("| ou |", "|"),
        ("| , ou la |", "|"),
        ("| et/ou d'une |", "|"),
        ("| ou | ou |", "|"),
        ("| ou bien |", "| ou bien |"),
        ("| ou", "| ou"),
        ("— ou |", "— ou |"),
        ("| et |", "| et |"),
    ],
)
def test_a_conjunction_between_two_matches_is_removed_with_them(rest: str, joined: str) -> None:
    sentence = Sentence("x")
    sentence.rest = rest
    sentence.join_alternatives()
    assert sentence.rest == joined


def test_parts_taken_by_two_parsers_are_not_joined() -> None:
    sentence = Sentence("x")
    sentence.rest = "| ou ici"
    sentence.seal()
    assert sentence.rest == "— ou ici"
    assert sentence.is_qualified


# -- The day ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text, name, near",
    [
        ("à la date de début du stage", "starts_on", False),
        ("au moment d’entreprendre le stage", "starts_on", False),
        ("au premier jour du stage", "starts_on", False),
        ("le jour où débute le stage", "starts_on", False),
        ("à la date limite d’inscription", "closes_on", False),
        ("à la clôture des inscriptions", "closes_on", False),
        ("au moment de postuler", "closes_on", True),
        ("à la date de la candidature", "closes_on", True),
        ("demain", "other", False),
    ],
)
def test_the_reference_day_of_a_sentence_is_read(text: str, name: str, near: bool) -> None:  # noqa: FBT001 -- a column of the table
    sentence = Sentence(text)
    assert consume_day(sentence, default="other") == (name, near)
    assert sentence.unread_words == (set() if name != "other" else {"demain"})


# -- Kinds -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text, least, most",
    [
        ("Avoir de 18 à 35 ans", 18, 35),
        ("Avoir 14 ans ou plus", 14, 120),
        ("Avoir 13 ans ou plus", None, None),
        ("Avoir 99 ans ou moins", 0, 99),
        ("Avoir cent ans ou moins", None, None),
        ("Avoir moins de 36 ans", 0, 35),
        ("Ne pas avoir atteint l’âge de 36 ans", 0, 35),
        ("Ne pas avoir plus de 35 ans", 0, 35),
        ("Ne pas dépasser 35 ans", 0, 35),
        ("Avoir jusqu’à 35 ans", 0, 35),
        ("Avoir 18 ans révolus", 18, 120),
        ("Être majeur et avoir au plus 35 ans", 18, 35),
        ("Être majeure", 18, 120),
        ("Avoir 35 ans au maximum et 18 ans au minimum", 18, 35),
        ("Avoir au moins 35 ans et au plus 35 ans", 35, 35),
        ("Avoir au moins 36 ans et au plus 35 ans", None, None),
        ("Avoir au moins 18 ans et au moins 20 ans", None, None),
        ("Avoir au plus 35 ans et au plus 30 ans", None, None),
        ("Être majeur et avoir au moins 20 ans", None, None),
        ("Avoir au moins deux ans d’expérience", None, None),
        ("Avoir 18 chats", None, None),
    ],
)
def test_an_age_requires_possible_limits(text: str, least: int | None, most: int | None) -> None:
    sentence = Sentence(text)
    found = read_age(sentence)
    if least is None:
        assert found is None
        assert sentence.rest == sentence.text
    else:
        assert found == ParsedCriterion("AGE", {"minimum": least, "maximum": most, "on": "starts_on"})


STATUSES = {
    "citoyenneté canadienne": "CITIZEN",
    "nationalité canadienne": "CITIZEN",
    "être canadienne": "CITIZEN",
    "résidence permanente au Canada": "PERMANENT_RESIDENT",
    "statut de résident permanent": "PERMANENT_RESIDENT",
    "personne protégée": "PROTECTED_PERSON",
    "statut de réfugié": "PROTECTED_PERSON",
    "demandeuse d’asile": "ASYLUM_CLAIMANT",
    "demande d’asile": "ASYLUM_CLAIMANT",
    "permis d’études": "TEMPORARY_PERMIT",
    "résident temporaire": "TEMPORARY_PERMIT",
}


def test_each_status_is_read() -> None:
    read = {words: read_legal_status(Sentence(words)) for words in STATUSES}
    assert read == {
        words: ParsedCriterion("LEGAL_STATUS", {"accepted": [code]}) for words, code in STATUSES.items()
    }


def test_statuses_are_read_only_as_alternatives() -> None:
    either = read_legal_status(Sentence("permis de travail, personne protégée ou citoyen canadien"))
    assert either == ParsedCriterion(
        "LEGAL_STATUS", {"accepted": ["CITIZEN", "PROTECTED_PERSON", "TEMPORARY_PERMIT"]}
    )
    both = Sentence("citoyen canadien et personne protégée")
    assert read_legal_status(both) is None
    assert both.rest == both.text
    assert read_legal_status(Sentence("permis de conduire")) is None


PROVINCES = {
    "en Alberta": "AB",
    "en Colombie-Britannique": "BC",
    "au Manitoba": "MB",
    "au Nouveau-Brunswick": "NB",
    "à Terre-Neuve-et-Labrador": "NL",
    "en Nouvelle-Écosse": "NS",
    "dans les Territoires du Nord-Ouest": "NT",
    "au Nunavut": "NU",
    "en Ontario": "ON",
    "à l’Île-du-Prince-Édouard": "PE",
    "au Québec": "QC",
    "en Saskatchewan": "SK",
    "au Yukon": "YT",
}


def test_each_province_is_read_as_a_domicile() -> None:
    read = {place: read_domicile(Sentence(f"Être domicilié {place}")) for place in PROVINCES}
    assert read == {
        place: ParsedCriterion("DOMICILE", {"provinces": [code]}) for place, code in PROVINCES.items()
    }


@pytest.mark.parametrize(
    "text, provinces, assumes",
    [
        ("Avoir son domicile légal au Québec, en Ontario ou au Québec", ["QC", "ON"], False),
        ("Être domicilié dans la province de Québec", ["QC"], False),
        ("Être domicilié au Canada", sorted(PROVINCES.values()), False),
        ("Vivre habituellement en Ontario ou au Québec", ["ON", "QC"], True),
        ("Être résident au Canada", sorted(PROVINCES.values()), True),
    ],
)
def test_living_in_a_province_is_read_as_an_assumed_domicile(
    text: str,
    provinces: list[str],
    assumes: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    assert read_domicile(Sentence(text)) == ParsedCriterion(
        "DOMICILE", {"provinces": provinces}, assumes=assumes
    )
    assert read_domicile(Sentence("Aimer le Québec")) is None


HEALTH, TAX = "au sens de la loi sur l’assurance maladie", "et de la loi sur l’impôt"


@pytest.mark.parametrize(
    "text, months, on, assumes",
    [
        (f"Être résident du Québec {HEALTH} {TAX} depuis deux ans", 24, "closes_on", False),
        (f"Être résident du Québec {HEALTH} {TAX}", 0, "closes_on", False),
        (f"Être résident du Québec {HEALTH}", 0, "closes_on", True),
        (f"Être résident du Québec {TAX}", 0, "closes_on", True),
        ("Résider au Québec depuis 6 mois", 6, "closes_on", True),
        (f"Être résident du Québec {HEALTH} {TAX} au début du stage", 0, "starts_on", False),
        (f"Être résident du Québec {HEALTH} {TAX} au moment de postuler", 0, "closes_on", True),
        ("Résider au Québec", None, "", False),
        ("Résider au Québec depuis deux (3) ans", None, "", False),
        ("Résider en Ontario depuis deux ans", None, "", False),
    ],
)
def test_residence_is_read_with_its_laws_and_duration(
    text: str,
    months: int | None,
    on: str,
    assumes: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    sentence = Sentence(text)
    found = read_residence(sentence)
    if months is None:
        assert (found, sentence.rest) == (None, sentence.text)
    else:
        assert found == ParsedCriterion("RESIDENCE", {"months": months, "on": on}, assumes=assumes)


LANGUAGES = {
    "français": "fr",
    "anglais": "en",
    "espagnol": "es",
    "allemand": "de",
    "italien": "it",
    "portugais": "pt",
    "arabe": "ar",
    "russe": "ru",
    "chinois": "zh",
    "mandarin": "zh",
}


def test_each_language_of_writing_is_read() -> None:
    read = {name: read_writing(Sentence(f"Écrire très bien en {name}")) for name in LANGUAGES}
    assert read == {
        name: ParsedCriterion("WRITING", {"languages": [code]}) for name, code in LANGUAGES.items()
    }


@pytest.mark.parametrize(
    "text, languages, assumes",
    [
        ("Écrire très bien dans les deux langues officielles et en français", ["fr", "en"], False),
        ("Rédiger en russe, en arabe", ["ru", "ar"], True),
        ("Posséder une solide capacité de rédaction en français", ["fr"], True),
        ("Posséder une très bonne maîtrise du français écrit", ["fr"], False),
        ("Posséder une bonne maîtrise du français écrit", ["fr"], True),
        ("Écrire très bien en français ou en anglais", None, False),
        ("Parler très bien français", None, False),
    ],
)
def test_a_level_of_writing_is_read_exactly_or_assumed(
    text: str,
    languages: list[str] | None,
    assumes: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    sentence = Sentence(text)
    found = read_writing(sentence)
    if languages is None:
        assert (found, sentence.rest) == (None, sentence.text)
    else:
        assert found == ParsedCriterion("WRITING", {"languages": languages}, assumes=assumes)


def test_skills_and_taking_part_once_are_parsed_completely() -> None:
    skills = Sentence("Posséder les compétences et les expériences requises figurant dans l’offre")
    assert (read_skills(skills), skills.unread_words) == (ParsedCriterion("SKILLS"), set())
    assert read_skills(Sentence("Savoir nager")) is None
    once = Sentence(
        "Note : puisque la participation au programme est unique, les personnes ayant déjà effectué un stage dans le "
        "cadre de ce programme ne pourront soumettre de nouveau leur candidature"
    )
    assert (read_once_only(once), once.unread_words) == (ParsedCriterion("ONCE_ONLY", forbids=True), set())
    assert read_once_only(Sentence("N’avoir jamais effectué de stage")) is None
    assert read_once_only(Sentence("Aimer le programme")) is None


BOTH = "être inscrit en maîtrise ou au doctorat"
RECENT = "avoir obtenu une maîtrise ou un doctorat"


@pytest.mark.parametrize(
    "text, window, finishing, bar, order, assumes",
    [
        (f"{BOTH} ou {RECENT} dans les 18 mois", 18, 12, False, False, False),
        (f"{BOTH} ou {RECENT} dans l’année", 12, 12, False, False, False),
        (f"{BOTH} ou {RECENT} il y a moins de trois ans", 36, 12, False, False, False),
        (BOTH, 0, 12, False, False, True),
        (f"{RECENT} dans les deux ans", 24, 12, False, False, True),
        (f"être inscrit en maîtrise ou {RECENT} dans les deux ans", 24, 12, False, False, True),
        (f"être inscrit au doctorat ou {RECENT} dans les deux ans", 24, 12, False, False, True),
        (f"être inscrit aux cycles supérieurs ou {RECENT} dans les deux ans", 24, 12, False, False, False),
        (
            f"{BOTH} dans les 6 mois suivant le stage ou {RECENT} dans les deux ans",
            24,
            6,
            False,
            False,
            False,
        ),
        (f"{BOTH} ou {RECENT} dans les deux ans ou être inscrit au Barreau", 24, 12, True, False, False),
        (
            f"{BOTH} ou {RECENT} dans les deux ans ou un ordre professionnel exigeant un stage",
            24,
            12,
            False,
            True,
            False,
        ),
        (f"{BOTH} ou {RECENT} dans les deux ans ou un ordre professionnel", 24, 12, False, True, True),
    ],
)
def test_studies_are_parsed_with_each_of_their_branches(
    text: str,
    window: int,
    finishing: int,
    bar: bool,  # noqa: FBT001 -- a column of the table
    order: bool,  # noqa: FBT001 -- a column of the table
    assumes: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    assert read_studies(Sentence(text)) == ParsedCriterion(
        "STUDIES",
        {
            "degree_window_months": window,
            "finishing_within_months": finishing,
            "bar_school": bar,
            "professional_order_stage": order,
        },
        assumes=assumes,
    )


@pytest.mark.parametrize(
    "text",
    [
        "être inscrit au Barreau",
        f"{BOTH} ou {RECENT} dans les mois",
        f"{BOTH} ou {RECENT} dans les deux (3) ans",
        f"{BOTH} ou {RECENT} dans les deux ans ou {RECENT} dans les trois ans",
        f"{BOTH} dans les deux (3) mois suivant le stage ou {RECENT} dans les deux ans",
    ],
)
def test_studies_without_a_matching_rule_leave_the_sentence_intact(text: str) -> None:
    sentence = Sentence(text)
    assert read_studies(sentence) is None
    assert sentence.rest == sentence.text
