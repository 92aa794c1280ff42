"""Display of a verdict."""

from dataclasses import replace

import pytest

from eligibility import CriterionKind, Effect, Finding, Outcome, Verdict
from eligibility.verdict import Clause, combine_findings
from intake.submissions.gate.verdict_display import display_verdict


@pytest.mark.parametrize(
    "outcome, number, words",
    [
        (Outcome.NOT_MET, 1, "vous ne répondez pas à un critère de l’offre."),
        (Outcome.NOT_MET, 2, "vous ne répondez pas à 2 critères de l’offre."),
        (Outcome.HUMAN, 1, "une personne examinera un critère."),
        (Outcome.HUMAN, 3, "une personne examinera 3 critères."),
    ],
)
def test_the_summary_of_a_verdict_counts_criteria(outcome: Outcome, number: int, words: str) -> None:
    blocks = Finding(CriterionKind.AGE, outcome, Effect.BLOCK, {}, "", "", {}, Clause())
    advises = replace(blocks, effect=Effect.ADVISE)
    findings = (*[blocks] * number, advises)
    verdict = Verdict(combine_findings(findings), "", "", findings)
    assert str(display_verdict(verdict).summary).endswith(words)
