"""The verdict of a filing, as it was sealed."""

from dataclasses import replace

from intake.submissions.gate.verdict_display import VerdictDisplay, display_verdict
from intake.submissions.rulings.queries import latest_by_position, review_round, rulings_on

from .sealed_filing import SealedFiling


def display_filed_verdict(filed: SealedFiling) -> VerdictDisplay:
    """Return the verdict of a filing, each finding with its latest ruling in any review.

    One query, or two if there is a ruling.
    """
    rulings = latest_by_position(rulings_on(filed.filing))
    turn = review_round(filed.filing) if rulings else 1
    shown = display_verdict(filed.verdict)
    findings = list(shown.findings)
    for position, ruling in rulings.items():
        findings[position] = replace(findings[position], ruling=ruling, judged_again=ruling.turn < turn)
    return replace(shown, findings=tuple(findings))
