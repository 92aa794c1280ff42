"""Effect of answers on findings: which answer suffices, which is observed, and how more answers change an outcome."""

import random
from datetime import date, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from eligibility import CriterionKind, Finding, Outcome, evaluate
from eligibility.codec import facts_from_json, rulebook_from_json
from tests.eligibility import strategies
from tests.eligibility.examples import criterion, rulebook_with

patient = settings(deadline=None)
ONE_DAY = timedelta(days=1)
WORST_FIRST = [Outcome.NOT_MET, Outcome.HUMAN, Outcome.UNKNOWN, Outcome.MET]


def findings(rulebook: dict[str, Any], facts: dict[str, Any]) -> tuple[Finding, ...]:
    """Return the findings of a rulebook on facts, both as JSON."""
    return evaluate(rulebook_from_json(rulebook), facts_from_json(facts)).findings


def only(rulebook: dict[str, Any], facts: dict[str, Any]) -> Finding:
    """Return the finding of the rulebook's only criterion."""
    (finding,) = findings(rulebook, facts)
    return finding


def alone(criteria: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Return rulebooks of one criterion."""
    return strategies.rulebooks_of(st.tuples(criteria).map(list))


def answered(kind: str, would_pass: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every set of facts that a finding's `would_pass` declares sufficient."""
    if kind == "STUDIES":
        return _studies_that_pass(would_pass)
    if kind == "AGE":
        return [{"birth_date": day} for day in would_pass.values()]
    if kind == "RESIDENCE":
        *attested, (_, since) = would_pass.items()
        return [{**dict(attested), "quebec_resident_since": since}]
    if kind in {"LEGAL_STATUS", "DOMICILE"}:
        ((key, codes),) = would_pass.items()
        return [{"legal_status" if key == "accepted" else "domicile_province": code} for code in codes]
    return [would_pass]


def _studies_that_pass(would_pass: dict[str, Any]) -> list[dict[str, Any]]:
    ways: list[dict[str, Any]] = []
    for key, value in would_pass.items():
        match key:
            case "doctorate_in_progress":
                ways.append({"studies": [{"level": "DOCTORATE", "state": "IN_PROGRESS"}]})
            case "expected_from" | "expected_to":
                ways.extend(
                    {"studies": [{"level": level, "state": "IN_PROGRESS", "expected_on": value}]}
                    for level in ("MASTER", "GRADUATE_DIPLOMA")
                )
            case "completed_from" | "completed_to":
                ways.extend(
                    {"studies": [{"level": level, "state": "COMPLETED", "completed_on": value}]}
                    for level in ("MASTER", "DOCTORATE")
                )
            case _:
                ways.append({key: value})
    return ways


def test_each_kind_except_other_gives_values_that_would_pass() -> None:
    would_pass = {
        kind: dict(only(rulebook_with(criteria=[criterion(kind)]), {}).would_pass) for kind in CriterionKind
    }
    told = {kind for kind, would in would_pass.items() if would and answered(kind, would)}
    assert told == set(CriterionKind) - {CriterionKind.OTHER}


@settings(deadline=None)
@given(rulebook=alone(strategies.criteria), facts=strategies.facts)
def test_answers_that_would_pass_do_pass(rulebook: dict[str, Any], facts: dict[str, Any]) -> None:
    finding = only(rulebook, facts)
    ways = answered(finding.kind, dict(finding.would_pass)) if finding.would_pass else []
    for way in ways:
        assert only(rulebook, {**facts, **way}).outcome is Outcome.MET, way


@patient
@given(rulebook=strategies.rulebooks, facts=strategies.facts)
def test_the_values_that_would_pass_do_not_depend_on_the_facts(
    rulebook: dict[str, Any], facts: dict[str, Any]
) -> None:
    nobody = findings(rulebook, {})
    somebody = findings(rulebook, facts)
    assert [one.would_pass for one in nobody] == [one.would_pass for one in somebody]


@patient
@given(rulebook=strategies.rulebooks, facts=strategies.full_facts)
def test_complete_facts_leave_no_finding_unknown(rulebook: dict[str, Any], facts: dict[str, Any]) -> None:
    assert Outcome.UNKNOWN not in {finding.outcome for finding in findings(rulebook, facts)}


@patient
@given(rulebook=strategies.rulebooks, facts=strategies.facts, seed=st.integers())
def test_the_order_of_criteria_changes_no_verdict(
    rulebook: dict[str, Any], facts: dict[str, Any], seed: int
) -> None:
    criteria = random.Random(seed).sample(rulebook["criteria"], len(rulebook["criteria"]))  # noqa: S311 -- a shuffle that can be replayed
    person = facts_from_json(facts)
    shuffled = evaluate(rulebook_from_json({**rulebook, "criteria": criteria}), person)
    assert shuffled.outcome is evaluate(rulebook_from_json(rulebook), person).outcome


@patient
@given(rulebook=alone(strategies.age_criteria), born=st.dates(max_value=date.max - ONE_DAY))
@example(
    rulebook={
        "schema": 1,
        "starts_on": "2022-02-28",
        "closes_on": "2021-10-01",
        "criteria": [{"kind": "AGE", "effect": "BLOCK", "minimum": 18, "maximum": 35, "on": "starts_on"}],
    },
    born=date(2004, 2, 28),
)
def test_a_birth_one_day_later_never_gives_a_higher_age(rulebook: dict[str, Any], born: date) -> None:
    earlier, later = (
        only(rulebook, {"birth_date": one.isoformat()}).observed["age"] for one in (born, born + ONE_DAY)
    )
    assert isinstance(earlier, int)
    assert isinstance(later, int)
    assert earlier - 1 <= later <= earlier


@patient
@given(rulebook=alone(strategies.residence_criteria), since=st.dates(max_value=date.max - ONE_DAY))
def test_one_more_day_of_residence_never_worsens_the_outcome(rulebook: dict[str, Any], since: date) -> None:
    attested = {"resident_for_health_insurance": True, "resident_for_tax": True}
    longer, shorter = (
        only(rulebook, {**attested, "quebec_resident_since": one.isoformat()}).outcome
        for one in (since, since + ONE_DAY)
    )
    assert WORST_FIRST.index(longer) >= WORST_FIRST.index(shorter)


@patient
@given(
    rulebook=alone(strategies.studies_criteria),
    facts=strategies.facts,
    study=strategies.studies,
    studies=st.lists(strategies.studies, max_size=3),
)
def test_another_study_never_makes_a_finding_worse(
    rulebook: dict[str, Any], facts: dict[str, Any], study: dict[str, Any], studies: list[dict[str, Any]]
) -> None:
    fewer = only(rulebook, {**facts, "studies": studies}).outcome
    more = only(rulebook, {**facts, "studies": [*studies, study]}).outcome
    # Better or the same; UNKNOWN comes before HUMAN (`docs/rules.md#studies`).
    assert WORST_FIRST.index(more) >= WORST_FIRST.index(fewer)
