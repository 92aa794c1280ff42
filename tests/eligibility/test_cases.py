"""The rules as tables of cases: `tests/eligibility/cases/*.yaml`."""

from collections import Counter
from typing import Any

import pytest

from eligibility import CriterionKind, Outcome, evaluate
from eligibility.codec import facts_from_json, rulebook_from_json
from tests.eligibility.cases_reader import CASES, criterion_cases, read_table

CRITERION_CASES = criterion_cases()
VERDICT_CASES = read_table(CASES / "verdicts.yaml")["cases"]
_KNOWN = {
    *("name", "starts_on", "closes_on", "criterion", "replace", "facts"),
    *("outcome", "observed", "age", "would_pass", "reason_fr", "reason_en"),
}


@pytest.mark.parametrize(
    "case", [case for _, case in CRITERION_CASES], ids=[name for name, _ in CRITERION_CASES]
)
def test_a_criterion_gives_the_finding_of_its_table(case: dict[str, Any]) -> None:
    rulebook = rulebook_from_json(
        {
            "schema": 1,
            "reference": "2023-020",
            "starts_on": case["starts_on"],
            "closes_on": case["closes_on"],
            "criteria": [case["criterion"]],
        }
    )
    verdict: Any = evaluate(rulebook, facts_from_json(case["facts"])).as_json()
    (finding,) = verdict["findings"]
    assert finding["outcome"] == case["outcome"]
    assert finding["kind"] == case["criterion"]["kind"]
    for key in ("observed", "would_pass", "reason_fr", "reason_en"):
        if key in case:
            assert finding[key] == case[key]
    if "age" in case:
        assert finding["observed"]["age"] == case["age"]


@pytest.mark.parametrize("case", VERDICT_CASES, ids=[case["name"] for case in VERDICT_CASES])
def test_findings_give_the_verdict_of_the_table(case: dict[str, Any]) -> None:
    rulebook = rulebook_from_json(
        {
            "schema": 1,
            "reference": "2023-020",
            "starts_on": "2024-01-15",
            "closes_on": "2023-10-01",
            "criteria": [{"kind": kind, "effect": effect, "clause": {}} for kind, effect in case["criteria"]],
        }
    )
    verdict = evaluate(rulebook, facts_from_json(case["facts"]))
    assert [finding.outcome for finding in verdict.findings] == case["findings"]
    assert [[finding.kind, finding.effect] for finding in verdict.findings] == case["criteria"]
    assert verdict.outcome == case["outcome"]


def test_the_tables_have_only_keys_that_are_compared() -> None:
    for name, case in CRITERION_CASES:
        assert case.keys() <= _KNOWN, name


def test_every_case_has_its_own_name() -> None:
    assert [name for name, count in Counter(name for name, _ in CRITERION_CASES).items() if count > 1] == []


def test_the_tables_cover_every_outcome_of_every_kind() -> None:
    possible = {
        CriterionKind.STUDIES: set(Outcome),
        CriterionKind.ONCE_ONLY: set(Outcome),
        CriterionKind.OTHER: {Outcome.HUMAN},
    }
    for kind in CriterionKind:
        tabled = {case["outcome"] for _, case in CRITERION_CASES if case["criterion"]["kind"] == kind}
        assert tabled == possible.get(kind, {Outcome.MET, Outcome.NOT_MET, Outcome.UNKNOWN}), kind
