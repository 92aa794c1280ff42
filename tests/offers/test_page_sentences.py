"""Parts taken from one sentence about eligibility, the remaining words, and the parser of each criterion kind."""

import re

import pytest

from offers.page.criteria.age import read_age
from offers.page.criteria.legal_status import read_legal_status
from offers.page.criteria.sentence import ParsedCriterion, Sentence, consume_day
from offers.page.criteria.studies import read_studies


# -- A sentence ------------------------------------------------------------------------------------------------
def test_linking_terms_are_not_left_over() -> None:
    assert Sentence("Vous devez avoir un bateau et une voile").unread_words == {"bateau", "voile"}


@pytest.mark.parametrize("word", ["ou", "sauf", "jamais", "idealement", "atout"])
def test_a_term_that_qualifies_a_condition_is_noticed(word: str) -> None:
    sentence = Sentence(f"bateau, {word} voile")
    assert (sentence.is_qualified, sentence.unread_words) == (True, {"bateau", word, "voile"})


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


def test_statuses_are_read_only_as_alternatives() -> None:
    either = read_legal_status(Sentence("permis de travail, personne protégée ou citoyen canadien"))
    assert either == ParsedCriterion(
        "LEGAL_STATUS", {"accepted": ["CITIZEN", "PROTECTED_PERSON", "TEMPORARY_PERMIT"]}
    )
    both = Sentence("citoyen canadien et personne protégée")
    assert read_legal_status(both) is None
    assert both.rest == both.text
    assert read_legal_status(Sentence("permis de conduire")) is None


HEALTH, TAX = "au sens de la loi sur l’assurance maladie", "et de la loi sur l’impôt"


BOTH = "être inscrit en maîtrise ou au doctorat"
RECENT = "avoir obtenu une maîtrise ou un doctorat"


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
