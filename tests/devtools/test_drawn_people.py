"""Synthetic people are reproducible: their identity, their answers, and the fate of their submissions."""

import hashlib
import json
from dataclasses import asdict
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
from intake.submissions.states import Action
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


def test_a_seed_and_a_rank_always_give_the_same_submission() -> None:
    (first,) = draw_applications(asks=OFFERS["the usual one"], seed=7, ranks=range(1), on=ON)
    who = {
        "first_name": "Aïssatou",
        "last_name": "Diallo",
        "phone": "+14185551556",
        "address_line": "4258, avenue du Mont-Royal Est, app. 7",
        "city": "Sherbrooke",
        "postal_code": "J1H 1M1",
    }
    said = "Bénévolat de trois ans dans une association étudiante, trésorerie et organisation comprises."
    assert asdict(first) == {
        "person": {"email": "diallo.7-0@synthetique.invalid", **who},
        "answers": who
        | {
            "province": "QC",
            "birth_date": "2002-03-19",
            "studies": [
                {
                    "level": "MASTER",
                    "field_of_study": "Éthique appliquée",
                    "institution": "Université McGill",
                    "state": "IN_PROGRESS",
                    "completed_on": None,
                    "expected_on": "2024-07-29",
                }
            ],
            "bar_school": False,
            "professional_order_stage": False,
            "legal_status": "CITIZEN",
            "domicile_province": "QC",
            "quebec_resident_since": "2021-08-02",
            "resident_for_health_insurance": True,
            "resident_for_tax": True,
            "attests_writing_fr": True,
            "attests_writing_en": True,
            "attests_skills": True,
            "past_participant": False,
            "language_fr_read": "ADVANCED",
            "language_fr_spoken": "ADVANCED",
            "language_fr_written": "ADVANCED",
            "language_en_read": "ADVANCED",
            "language_en_spoken": "FLUENT",
            "language_en_written": "FLUENT",
            "other_languages": "Innu-aimun",
            "grid": {"3": said},
        },
        "files": True,
        "asks_for_review": True,
        "moves": (),
    }


@pytest.mark.parametrize(
    "name, digest",
    [
        ("the usual one", "a26fe20f2e949bf9"),
        ("narrow", "035f9abafab56bfd"),
        ("of no age", "4be06a87d9fad4a5"),
        ("of a month", "7b04928e4a980541"),
        ("long ago", "fbd6a02da3f0443c"),
    ],
)
def test_generated_names_and_answers_stay_the_same(name: str, digest: str) -> None:
    """A larger count must only add people, so the first ones stay the same. 600 people use every table in full."""
    drawn = [asdict(one) for one in draw_applications(asks=OFFERS[name], seed=7, ranks=range(600), on=ON)]
    text = json.dumps(drawn, sort_keys=True, ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == digest


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
    assert people._STANDINGS == {
        ExpectedResult.ADMITTED: 0.80,
        ExpectedResult.FOR_A_PERSON: 0.12,
        ExpectedResult.REFUSED: 0.08,
    }
    review, shortlist = Action.START_REVIEW, Action.SHORTLIST
    assert {
        (): 0.60,
        (review,): 0.20,
        (review, shortlist): 0.08,
        (review, shortlist, Action.RECOMMEND): 0.07,
        (Action.WITHDRAW,): 0.05,
    } == people._PATHS
    drawn = list(draw_applications(asks=OFFERS["the usual one"], seed=3, ranks=range(1000), on=ON))
    assert 850 < sum(one.files for one in drawn) < 920
    assert 300 < sum(one.asks_for_review for one in drawn) < 400
    half_written = [
        one for one in drawn if not one.files and one.answers.keys() == one.person.answers().keys()
    ]
    assert {one.files for one in half_written} == {False}
    assert 40 < len(half_written) < 100
