"""Parts taken from one sentence about eligibility, the remaining words, and the parser of each criterion kind."""

import pytest

from offers.page.criteria.age import read_age
from offers.page.criteria.sentence import ParsedCriterion, Sentence, consume_day
from offers.page.criteria.studies import read_studies

# -- A sentence ------------------------------------------------------------------------------------------------


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
