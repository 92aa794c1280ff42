"""Synthetic people are reproducible: their identity, their answers, and the fate of their submissions."""

from datetime import date
from typing import Any

import pytest

from eligibility import evaluate
from eligibility.codec import rulebook_from_json
from intake.devtools.synthetic import people
from intake.devtools.synthetic.answers import ExpectedResult, draw_answers
from intake.devtools.synthetic.people import chance_of, draw_applications, draw_person
from intake.submissions.questions.answers import facts_of
from intake.submissions.questions.offer_questions import GridQuestion, OfferQuestions, required_questions
from tests.eligibility.examples import criterion, rulebook_with

LINES = (GridQuestion(3, "Une maîtrise", required=True), GridQuestion(5, "De l’expérience", required=False))
ON = date(2023, 9, 20)


def asks(
    *criteria: dict[str, Any], lines: tuple[GridQuestion, ...] = (), **changes: object
) -> OfferQuestions:
    return OfferQuestions(rulebook_from_json(rulebook_with(changes, criteria=list(criteria) or None)), lines)


OFFERS = {
    "the usual one": asks(lines=LINES),
    "narrow": asks(
        criterion("STUDIES", degree_window_months=0, finishing_within_months=1, bar_school=False),
        criterion("AGE", minimum=30, maximum=31, on="closes_on"),
        criterion("LEGAL_STATUS", accepted=["OTHER", "PERMANENT_RESIDENT", "CITIZEN"]),
        criterion("DOMICILE", provinces=["QC", "ON", "NB"]),
        criterion("RESIDENCE", months=480, on="starts_on"),
        starts_on="2023-10-02",
    ),
    "of no age": asks(criterion("WRITING", languages=["en"]), criterion("RESIDENCE", months=1)),
    "of a month": asks(
        criterion("STUDIES", degree_window_months=1), criterion("LEGAL_STATUS"), closes_on="2024-01-14"
    ),
    "long ago": asks(criterion("AGE"), criterion("STUDIES"), starts_on="2001-01-15", closes_on="2000-10-01"),
}


def test_a_seed_gives_the_same_people_and_a_larger_count_only_adds_some() -> None:
    few, many, others = (
        list(draw_applications(asks=OFFERS["the usual one"], seed=seed, ranks=range(count), on=ON))
        for seed, count in ((7, 20), (7, 30), (8, 20))
    )
    assert many[:20] == few
    assert others != few


@pytest.mark.parametrize("name", OFFERS)
def test_drawn_answers_get_their_expected_verdict(name: str) -> None:
    """The rules are decisive: a 30-year-old cannot be a resident for forty years, and some offers refuse nobody."""
    expected = {
        ExpectedResult.ADMITTED: {"ELIGIBLE"},
        ExpectedResult.FOR_A_PERSON: {"ELIGIBLE"} if name == "of no age" else {"NEEDS_REVIEW"},
        ExpectedResult.REFUSED: {"ELIGIBLE"} if name == "of no age" else {"INELIGIBLE"},
    }
    if name == "narrow":
        expected = {standing: {"INELIGIBLE"} for standing in ExpectedResult}
    found: dict[ExpectedResult, set[str]] = {}
    for standing in ExpectedResult:
        outcomes = set()
        for rank in range(20):
            answers = draw_answers(
                asks=OFFERS[name], expected=standing, on=ON, chance=chance_of(seed=1, rank=rank)
            )
            outcomes.add(
                evaluate(OFFERS[name].rulebook, facts_of(answers, register_match=False)).outcome.value
            )
        found[standing] = outcomes
    assert found == expected


def test_drawn_answers_are_only_to_questions_of_the_offer_and_not_in_the_future() -> None:
    early = date(1970, 1, 1)
    for name, offer in OFFERS.items():
        for standing in ExpectedResult:
            answers = draw_answers(asks=offer, expected=standing, on=early, chance=chance_of(seed=1, rank=1))
            assert answers.keys() - required_questions(offer.rulebook) == ({"grid"} if offer.lines else set())
            assert (name, answers.get("quebec_resident_since", "")) <= (name, early.isoformat())


def test_an_address_is_unique_by_seed_and_rank_for_any_name() -> None:
    local = people._local_part
    assert [local(name) for name in ("Côté-L’Écuyer", "Ñúñez y Ibarra", "王", "")] == [
        "cotelecuyer",
        "nunezyibarra",
        "personne",
        "personne",
    ]
    drawn = [
        draw_person(seed=seed, rank=rank, chance=chance_of(seed=seed, rank=rank)).email
        for seed in (1, 11)
        for rank in (1, 11, 111)
    ]
    assert len(set(drawn)) == 6
    assert all(email.endswith(f"@{people.DOMAIN}") for email in drawn)
    assert people.DOMAIN.endswith(".invalid")


def test_drawn_applications_have_the_documented_frequencies() -> None:
    drawn = list(draw_applications(asks=OFFERS["the usual one"], seed=3, ranks=range(1000), on=ON))
    assert 850 < sum(one.files for one in drawn) < 920
    assert 300 < sum(one.asks_for_review for one in drawn) < 400
    half_written = [
        one for one in drawn if not one.files and one.answers.keys() == one.person.answers().keys()
    ]
    assert {one.files for one in half_written} == {False}
    assert 40 < len(half_written) < 100
