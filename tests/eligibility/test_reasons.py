"""Reasons are complete sentences for a person in every case: typography, facts, both languages."""

import re
from typing import Any

import pytest
from hypothesis import given, settings

from eligibility import LegalStatus, Outcome, VerdictOutcome, evaluate
from eligibility.bilingual import STATUSES, place
from eligibility.codec import facts_from_json, rulebook_from_json
from tests.eligibility import strategies
from tests.eligibility.cases_reader import criterion_cases
from tests.eligibility.examples import FACTS, RULEBOOK

NO_BREAK = "\u00a0"
BAD_FRENCH = re.compile(rf"'|[^{NO_BREAK}][:;?!»]|«[^{NO_BREAK}]|  |\{{|\}}|None(?! of)|True|False|Ellipsis")
BAD_ENGLISH = re.compile(rf"'|{NO_BREAK}|  | [:;]|\{{|\}}|None(?! of)|True|False|Ellipsis")


def check_reasons(rulebook: dict[str, Any], facts: dict[str, Any]) -> None:
    """Check the reasons of every finding."""
    for finding in evaluate(rulebook_from_json(rulebook), facts_from_json(facts)).findings:
        for reason, bad in ((finding.reason_fr, BAD_FRENCH), (finding.reason_en, BAD_ENGLISH)):
            assert not bad.search(reason), reason
            assert reason.endswith("."), reason
            assert reason[0].isupper(), reason
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


def test_the_documented_example_is_eligible_with_its_clauses() -> None:
    verdict = evaluate(rulebook_from_json(RULEBOOK), facts_from_json(FACTS))
    assert verdict.outcome is VerdictOutcome.ELIGIBLE
    assert len(verdict.findings) == len(RULEBOOK["criteria"])
    assert verdict.findings[0].clause.reference == "Admissibilité, 1"


@pytest.mark.parametrize("status", LegalStatus)
def test_every_legal_status_has_its_own_texts(status: LegalStatus) -> None:
    assert STATUSES[status].fr
    assert STATUSES[status].en
    assert [other for other in STATUSES if STATUSES[other] == STATUSES[status]] == [status]


def test_no_code_of_a_form_appears_in_a_text() -> None:
    codes = ("AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "OUTSIDE", "PE", "QC", "SK", "YT")
    said = {code: place(code) for code in codes}
    assert len(set(said.values())) == len(codes)
    for code, words in said.items():
        assert code not in words.fr
        assert code not in words.en
        assert "noté" not in words.fr
    assert ["ZZ" in words for words in place("ZZ")] == [True, True], "a code that is not known is quoted"
