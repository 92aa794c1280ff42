"""Sections and questions of an offer: exactly those that its criteria need."""

from dataclasses import fields
from typing import Any

import pytest

from eligibility import Facts, Rulebook, evaluate
from eligibility.codec import rulebook_from_json
from intake.devtools.demonstration.offers import CRITERIA
from intake.profiles.question_kinds import declared_questions
from intake.submissions.questions.answers import facts_of
from intake.submissions.questions.forms import LANGUAGE_LEVELS
from intake.submissions.questions.grid_form import GridForm
from intake.submissions.questions.offer_questions import QUESTIONS, GridQuestion, OfferQuestions
from intake.submissions.questions.sections import SECTIONS, answers_in_sections, section_after, sections_for
from intake.submissions.questions.study_forms import StudiesForm

STUDIES = {"kind": "STUDIES", "degree_window_months": 24, "finishing_within_months": 12}
AGE = {"kind": "AGE", "minimum": 18, "maximum": 35, "on": "starts_on"}
RESIDENCE = {"kind": "RESIDENCE", "months": 12, "on": "closes_on"}
ONCE = {"kind": "ONCE_ONLY"}
CONTACT = ["phone", "address_line", "city", "province", "postal_code"]


def rulebook(*criteria: dict[str, Any]) -> Rulebook:
    return rulebook_from_json(
        {
            "schema": 1,
            "reference": "T-1",
            "starts_on": "2028-01-10",
            "closes_on": "2027-10-01",
            "criteria": [{"effect": "BLOCK", "clause": {}, **criterion} for criterion in criteria],
        }
    )


def questions_by_section(*criteria: dict[str, Any]) -> dict[str, list[str]]:
    """Return the answer keys of each section, without the contact section, which every offer has."""
    sections = sections_for(OfferQuestions(rulebook(*criteria)))
    found = {
        section.key: [*section.form().fields, *(section.form.answer_keys() - set(section.form.base_fields))]
        for section in sections
    }
    assert found.pop("coordonnees") == CONTACT
    return found


NAME = {"identite": ["first_name", "last_name"]}
LANGUAGES = {"langues": [*LANGUAGE_LEVELS, "other_languages"]}
NAME_AND_BIRTH = {"identite": ["first_name", "last_name", "birth_date"]}


@pytest.mark.parametrize(
    "criteria, questions",
    [
        ([{"kind": "OTHER"}], NAME),
        ([AGE], NAME_AND_BIRTH),
        (
            [{"kind": "LEGAL_STATUS", "accepted": ["CITIZEN"], "effect": "ADVISE"}],
            NAME | {"statut": ["legal_status"]},
        ),
        ([{"kind": "DOMICILE", "provinces": ["QC"]}], NAME | {"residence": ["domicile_province"]}),
        (
            [RESIDENCE],
            NAME
            | {"residence": ["quebec_resident_since", "resident_for_health_insurance", "resident_for_tax"]},
        ),
        ([STUDIES], NAME | {"etudes": ["bar_school", "professional_order_stage", "studies"]}),
        (
            [STUDIES | {"bar_school": False, "professional_order_stage": False}],
            NAME | {"etudes": ["studies"]},
        ),
        (
            [{"kind": "WRITING", "languages": ["fr"]}],
            NAME | LANGUAGES | {"attestations": ["attests_writing_fr"]},
        ),
        (
            [{"kind": "WRITING", "languages": ["es", "fr"]}, {"kind": "SKILLS"}],
            NAME
            | LANGUAGES
            | {"attestations": ["attests_writing_fr", "attests_writing_es", "attests_skills"]},
        ),
        ([ONCE], NAME_AND_BIRTH | {"attestations": ["past_participant"]}),
    ],
)
def test_each_criterion_has_its_questions(
    criteria: list[dict[str, Any]], questions: dict[str, list[str]]
) -> None:
    assert questions_by_section(*criteria) == questions


def test_an_offer_with_every_criterion_has_every_section() -> None:
    sections = sections_for(
        OfferQuestions(rulebook(*CRITERIA), (GridQuestion(1, "sait rédiger", required=True),))
    )
    assert [section.key for section in sections] == [section.key for section in SECTIONS]
    assert all(issubclass(found.form, usual.form) for found, usual in zip(sections, SECTIONS, strict=True))
    assert [usual.form for usual in SECTIONS if usual.form not in {found.form for found in sections}] == [
        GridForm
    ]
    assert [str(section.title) for section in sections] == [str(section.title) for section in SECTIONS]


@pytest.mark.parametrize(
    "criteria, title",
    [
        ([{"kind": "DOMICILE", "provinces": ["QC"]}], "Domicile"),
        ([RESIDENCE], "Résidence"),
        ([RESIDENCE, {"kind": "DOMICILE", "provinces": ["QC"]}], "Domicile et résidence"),
        ([{"kind": "WRITING", "languages": ["es"]}], "Langues"),
        ([{"kind": "WRITING", "languages": ["fr"]}, {"kind": "SKILLS"}], "Attestations"),
        ([{"kind": "SKILLS"}], "Attestations"),
        ([ONCE], "Participation"),
        ([{"kind": "SKILLS"}, ONCE], "Attestations et participation"),
        (
            [{"kind": "WRITING", "languages": ["en"]}, {"kind": "SKILLS"}, ONCE],
            "Attestations et participation",
        ),
    ],
)
def test_the_title_of_a_section_depends_on_its_questions(criteria: list[dict[str, Any]], title: str) -> None:
    assert title in [str(section.title) for section in sections_for(OfferQuestions(rulebook(*criteria)))]


def test_a_language_unknown_to_the_form_gets_a_question_and_is_evaluated() -> None:
    rules = rulebook({"kind": "WRITING", "languages": ["es"]})
    attestations = sections_for(OfferQuestions(rules))[-1]
    form = attestations.form({"attests_writing_es": "true"})
    assert str(form.fields["attests_writing_es"].label).startswith("Avez-vous une excellente capacité")
    assert "en espagnol" in str(form.fields["attests_writing_es"].label)
    assert form.is_valid()
    assert evaluate(rules, facts_of(form.answers())).outcome.value == "ELIGIBLE"


def test_the_questions_are_those_of_the_sections() -> None:
    asked = [pair for section in SECTIONS for pair in declared_questions(section.form).items()]
    assert dict(asked) == QUESTIONS
    assert len(asked) == len(QUESTIONS)


def test_an_answer_that_a_criterion_evaluates_is_the_fact_of_its_name() -> None:
    facts = {field.name for field in fields(Facts)}
    evaluated = {key for key, question in QUESTIONS.items() if question.evaluated_by}
    assert facts - evaluated == {"studies", "attests_writing", "register_match"}
    assert evaluated - facts == {"attests_writing_fr", "attests_writing_en"}


def test_answers_without_a_question_are_left_out() -> None:
    sections = sections_for(OfferQuestions(rulebook(AGE)))
    answers = {"first_name": "Noor", "birth_date": "2005-05-04", "legal_status": "CITIZEN", "studies": []}
    assert answers_in_sections(sections, answers) == {"first_name": "Noor", "birth_date": "2005-05-04"}


def test_a_section_is_followed_by_the_next_displayed_one() -> None:
    first, second, last = sections_for(OfferQuestions(rulebook(AGE, ONCE)))
    assert section_after(first, (first, second, last)) == second
    assert section_after(second, (first, second, last)) == last
    assert section_after(last, (first, second, last)) is None


def test_an_offer_without_alternatives_requires_a_study_programme() -> None:
    rules = rulebook(STUDIES | {"bar_school": False, "professional_order_stage": False})
    asked_last = sections_for(OfferQuestions(rules))[-1]
    form = asked_last.form({"studies-TOTAL_FORMS": "0", "studies-INITIAL_FORMS": "0"})
    assert isinstance(form, StudiesForm)
    assert not form.is_valid()
    assert form.non_field_errors() == ["Ajoutez au moins un programme."]


def test_equal_questions_share_one_form_class() -> None:
    asks = OfferQuestions(rulebook(RESIDENCE), (GridQuestion(1, "sait rédiger", required=True),))
    assert [one.form for one in sections_for(asks)] == [one.form for one in sections_for(asks)]


def test_a_removed_question_does_not_count_as_a_change_of_another_tab() -> None:
    answers = {
        "domicile_province": "QC",
        "quebec_resident_since": "2020-01-01",
        "attests_writing_es": True,
        "past_participant": False,
        "studies": [],
    }
    domicile, writing = (
        {"kind": "DOMICILE", "provinces": ["QC"]},
        {"kind": "WRITING", "languages": ["es", "fr"]},
    )
    before = sections_for(OfferQuestions(rulebook(RESIDENCE, domicile, writing, ONCE, STUDIES)))
    after = sections_for(
        OfferQuestions(
            rulebook(RESIDENCE, ONCE, STUDIES | {"bar_school": False, "professional_order_stage": False})
        )
    )
    asked = {section.key: section.fingerprint(answers) for section in before}
    kept = {section.key: section.fingerprint(answers) for section in after}
    assert kept.keys() == {"identite", "coordonnees", "residence", "etudes", "attestations"}
    assert {key: asked[key] for key in kept} == kept
    attested = next(section for section in before if section.key == "attestations")
    assert attested.fingerprint(answers) != attested.fingerprint(answers | {"attests_writing_es": False})
