"""Reasons are sentences for a person, whatever the case: typography, completeness, both languages."""

import re
from typing import Any

import pytest
from hypothesis import given, settings

from eligibility import LegalStatus, Outcome, VerdictOutcome, evaluate
from eligibility.codec import facts_from_json, rulebook_from_json
from eligibility.words import STATUSES, Words, all_of, any_of, day, duration, none_of, place, years
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


def test_the_example_of_the_contract_is_eligible_and_says_why() -> None:
    verdict = evaluate(rulebook_from_json(RULEBOOK), facts_from_json(FACTS))
    assert verdict.outcome is VerdictOutcome.ELIGIBLE
    assert len(verdict.findings) == len(RULEBOOK["criteria"])
    assert verdict.findings[0].clause.reference == "Admissibilité, 1"


def test_days_are_written_as_people_read_them() -> None:
    facts = facts_from_json({"birth_date": "2023-10-01"})
    assert facts.birth_date is not None
    assert day(facts.birth_date) == ("1er octobre 2023", "October 1, 2023")


@pytest.mark.parametrize(
    "count,expected", [(0, ("0 an", "0 years")), (1, ("1 an", "1 year")), (2, ("2 ans", "2 years"))]
)
def test_years_agree_in_number(count: int, expected: tuple[str, str]) -> None:
    assert years(count) == expected


@pytest.mark.parametrize(
    "months,expected",
    [
        (0, ("zéro mois", "zero months")),
        (1, ("un mois", "one month")),
        (2, ("deux mois", "two months")),
        (9, ("neuf mois", "nine months")),
        (10, ("10 mois", "10 months")),
        (11, ("11 mois", "11 months")),
        (12, ("un an", "one year")),
        (13, ("13 mois", "13 months")),
        (18, ("18 mois", "18 months")),
        (24, ("deux ans", "two years")),
        (108, ("neuf ans", "nine years")),
        (120, ("10 ans", "10 years")),
    ],
)
def test_a_duration_is_said_as_an_offer_writes_it(months: int, expected: tuple[str, str]) -> None:
    assert duration(months) == expected


def test_lists_end_with_their_conjunction() -> None:
    names = [Words("a", "a"), Words("b", "b"), Words("c", "c")]
    assert any_of(names[:1]) == ("a", "a")
    assert any_of(names[:2]) == ("a ou b", "a or b")
    assert all_of(names) == ("a, b et c", "a, b and c")
    assert none_of(names) == ("a, b ni c", "a, b or c")


def test_what_a_rulebook_lists_twice_is_said_once() -> None:
    names = [Words("a", "a"), Words("b", "b"), Words("a", "a")]
    assert any_of(names) == ("a ou b", "a or b")


@pytest.mark.parametrize("status", LegalStatus)
def test_every_status_has_its_words(status: LegalStatus) -> None:
    assert STATUSES[status].fr
    assert STATUSES[status].en
    assert [other for other in STATUSES if STATUSES[other] == STATUSES[status]] == [status]


def test_no_code_of_a_form_is_said_to_a_person() -> None:
    codes = ("AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "OUTSIDE", "PE", "QC", "SK", "YT")
    said = {code: place(code) for code in codes}
    assert len(set(said.values())) == len(codes)
    for code, words in said.items():
        assert code not in words.fr
        assert code not in words.en
        assert "noté" not in words.fr
    assert ["ZZ" in words for words in place("ZZ")] == [True, True], "a code that is not known is quoted"
