"""Properties of every rulebook with any facts."""

import copy
import random
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from eligibility import Effect, Outcome, Verdict, VerdictOutcome, evaluate
from eligibility.codec import canonical as canonical_json
from eligibility.codec import facts_from_json, parse, rulebook_from_json, verdict_from_json
from tests.eligibility import strategies

patient = settings(deadline=None)
ONE_DAY = timedelta(days=1)


def judge(rulebook: dict[str, Any], facts: dict[str, Any]) -> Verdict:
    """Return the verdict of a rulebook on facts, both as JSON."""
    return evaluate(rulebook_from_json(rulebook), facts_from_json(facts))


def only_outcome(rulebook: dict[str, Any], facts: dict[str, Any]) -> Outcome:
    """Return the outcome of the rulebook's only criterion."""
    (finding,) = judge(rulebook, facts).findings
    return finding.outcome


@patient
@given(rulebook=strategies.rulebooks, facts=strategies.facts, more=strategies.facts)
def test_one_more_answer_never_makes_a_finding_unknown(
    rulebook: dict[str, Any], facts: dict[str, Any], more: dict[str, Any]
) -> None:
    given_now = {key: value for key, value in facts.items() if value is not None}
    before = judge(rulebook, given_now)
    after = judge(rulebook, {**more, **given_now})
    for known, fuller in zip(before.findings, after.findings, strict=True):
        assert known.outcome is Outcome.UNKNOWN or fuller.outcome is not Outcome.UNKNOWN


@patient
@given(rulebook=strategies.rulebooks, facts=strategies.facts)
def test_every_criterion_has_its_finding_at_its_position(
    rulebook: dict[str, Any], facts: dict[str, Any]
) -> None:
    findings = judge(rulebook, facts).findings
    assert [(one.kind, one.effect) for one in findings] == [
        (one["kind"], one["effect"]) for one in rulebook["criteria"]
    ]


@patient
@given(rulebook=strategies.rulebooks, facts=strategies.facts)
def test_the_verdict_hides_no_finding_that_blocks(rulebook: dict[str, Any], facts: dict[str, Any]) -> None:
    verdict = judge(rulebook, facts)
    blocking = {finding.outcome for finding in verdict.findings if finding.effect is Effect.BLOCK}
    assert (verdict.outcome is VerdictOutcome.INELIGIBLE) == (Outcome.NOT_MET in blocking)
    assert (verdict.outcome is VerdictOutcome.ELIGIBLE) == (blocking <= {Outcome.MET})
    if verdict.outcome is VerdictOutcome.NEEDS_REVIEW:
        assert Outcome.UNKNOWN not in blocking


@patient
@given(rulebook=strategies.rulebooks, facts=strategies.facts)
def test_a_criterion_is_evaluated_independently_of_the_others(
    rulebook: dict[str, Any], facts: dict[str, Any]
) -> None:
    together = judge(rulebook, facts).findings
    alone = tuple(
        finding
        for criterion in rulebook["criteria"]
        for finding in judge({**rulebook, "criteria": [criterion]}, facts).findings
    )
    assert together == alone


@patient
@given(rulebook=strategies.rulebooks, facts=strategies.facts)
def test_an_advisory_criterion_never_changes_the_verdict(
    rulebook: dict[str, Any], facts: dict[str, Any]
) -> None:
    blocking = {**rulebook, "criteria": [one for one in rulebook["criteria"] if one["effect"] == "BLOCK"]}
    assert judge(rulebook, facts).outcome is judge(blocking, facts).outcome


@patient
@given(
    rulebook=strategies.rulebooks_of(st.tuples(strategies.studies_criteria).map(list)),
    facts=strategies.facts,
    studies=st.lists(strategies.studies, max_size=5),
    seed=st.integers(),
)
def test_the_order_of_studies_changes_no_verdict(
    rulebook: dict[str, Any], facts: dict[str, Any], studies: list[dict[str, Any]], seed: int
) -> None:
    shuffled = random.Random(seed).sample(studies, len(studies))  # noqa: S311 -- a shuffle that can be replayed
    assert only_outcome(rulebook, {**facts, "studies": studies}) is only_outcome(
        rulebook, {**facts, "studies": shuffled}
    )


@patient
@given(rulebook=strategies.rulebooks, facts=strategies.facts)
def test_an_absent_fact_equals_a_null_one(rulebook: dict[str, Any], facts: dict[str, Any]) -> None:
    given_now = {key: value for key, value in facts.items() if value is not None}
    assert judge(rulebook, facts) == judge(rulebook, given_now)


@patient
@given(rulebook=strategies.rulebooks, facts=strategies.facts)
def test_written_objects_are_read_back_equal(rulebook: dict[str, Any], facts: dict[str, Any]) -> None:
    rules, person = rulebook_from_json(rulebook), facts_from_json(facts)
    verdict = evaluate(rules, person)
    assert rulebook_from_json(parse(canonical_json(rules.as_json()))) == rules
    assert facts_from_json(parse(canonical_json(person.as_json()))) == person
    reread = verdict_from_json(parse(canonical_json(verdict.as_json())))
    assert reread == verdict
    assert evaluate(rulebook_from_json(rules.as_json()), person) == verdict


@patient
@given(rulebook=strategies.rulebooks, facts=strategies.facts)
def test_evaluating_changes_none_of_its_arguments(rulebook: dict[str, Any], facts: dict[str, Any]) -> None:
    rulebook_before, facts_before = copy.deepcopy(rulebook), copy.deepcopy(facts)
    judge(rulebook, facts)
    assert (rulebook, facts) == (rulebook_before, facts_before)
