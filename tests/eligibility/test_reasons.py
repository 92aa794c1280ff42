"""Reasons are complete sentences for a person in every case: typography, facts, both languages."""

import re
from typing import Any

import pytest
from hypothesis import given, settings

from eligibility import Outcome, evaluate
from eligibility.bilingual import about_candidate, place
from eligibility.codec import facts_from_json, rulebook_from_json
from tests.eligibility import strategies
from tests.eligibility.cases_reader import criterion_cases
from tests.eligibility.examples import RULEBOOK

NO_BREAK = "\u00a0"
BAD_FRENCH = re.compile(rf"'|[^{NO_BREAK}][:;?!»]|«[^{NO_BREAK}]|  |\{{|\}}|None(?! of)|True|False|Ellipsis")
BAD_ENGLISH = re.compile(rf"'|{NO_BREAK}|  | [:;]|\{{|\}}|None(?! of)|True|False|Ellipsis")

SECOND_PERSON = re.compile(r"\b(vous|votre|vos|you|yours?)\b", re.IGNORECASE)


def check_reasons(rulebook: dict[str, Any], facts: dict[str, Any]) -> None:
    """Check the reasons of every finding."""
    for finding in evaluate(rulebook_from_json(rulebook), facts_from_json(facts)).findings:
        for reason, bad in ((finding.reason_fr, BAD_FRENCH), (finding.reason_en, BAD_ENGLISH)):
            assert not bad.search(reason), reason
            assert reason.endswith("."), reason
            assert reason[0].isupper(), reason
            assert not SECOND_PERSON.search(about_candidate(reason)), about_candidate(reason)
        if finding.outcome is Outcome.UNKNOWN:
            assert "manque" in finding.reason_fr
            assert "missing" in finding.reason_en.lower()
        if finding.outcome is Outcome.HUMAN:
            assert "une personne" in finding.reason_fr
            assert "a person will" in finding.reason_en


@settings(deadline=None)
@given(rulebook=strategies.rulebooks, facts=strategies.facts)
def test_every_reason_is_a_clean_sentence(rulebook: dict[str, Any], facts: dict[str, Any]) -> None:
    check_reasons(rulebook, facts)


@pytest.mark.parametrize(
    "case", [case for _, case in criterion_cases()], ids=[name for name, _ in criterion_cases()]
)
def test_every_tabled_reason_is_a_clean_sentence(case: dict[str, Any]) -> None:
    rulebook = {**RULEBOOK, "starts_on": case["starts_on"], "closes_on": case["closes_on"]}
    check_reasons({**rulebook, "criteria": [case["criterion"]]}, case["facts"])


def test_no_code_of_a_form_appears_in_a_text() -> None:
    codes = ("AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "OUTSIDE", "PE", "QC", "SK", "YT")
    said = {code: place(code) for code in codes}
    assert len(set(said.values())) == len(codes)
    for code, words in said.items():
        assert code not in words.fr
        assert code not in words.en
        assert "noté" not in words.fr
    assert ["ZZ" in words for words in place("ZZ")] == [True, True], "a code that is not known is quoted"


@pytest.mark.parametrize(
    "to_candidate, to_staff",
    [
        (
            "Votre date de naissance, le 4 mai 2003, vous donne 22 ans",
            "La date de naissance, le 4 mai 2003, donne 22 ans",
        ),
        (
            "Il manque la date depuis laquelle vous résidez au Québec",
            "Il manque la date depuis laquelle la personne candidate réside au Québec",
        ),
        ("Il manque votre statut au Canada", "Il manque le statut au Canada"),
        (
            "Il manque la province ou le territoire de votre domicile",
            "Il manque la province ou le territoire du domicile",
        ),
        (
            "Aucune de vos réponses sur les études. Vous n’avez déclaré aucun programme",
            "Aucune des réponses sur les études. La personne candidate n’a déclaré aucun programme",
        ),
        (
            "Your date of birth, May 4, 2003, makes you 22 years old",
            "The candidate’s date of birth, May 4, 2003, makes them 22 years old",
        ),
        ("You answered that you are not a resident", "The candidate answered that they are not a resident"),
    ],
)
def test_a_reason_for_staff_is_about_the_candidate(to_candidate: str, to_staff: str) -> None:
    assert about_candidate(to_candidate) == to_staff
