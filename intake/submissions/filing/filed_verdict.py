"""The verdict of a filing, as it was sealed."""

from dataclasses import replace

from intake.submissions.gate.verdict_display import ShownVerdict, show_verdict
from intake.submissions.rulings.queries import latest_of, rulings_on, turn_of

from .sealed_filing import ReadFiling


def show_filed_verdict(filed: ReadFiling) -> ShownVerdict:
    """Return the verdict of a filing, each finding with the latest ruling on it, of whichever review.

    One query, and one more where something was ruled.
    """
    rulings = latest_of(rulings_on(filed.filing))
    turn = turn_of(filed.filing) if rulings else 1
    shown = show_verdict(filed.verdict)
    findings = list(shown.findings)
    for position, ruling in rulings.items():
        findings[position] = replace(findings[position], ruling=ruling, judged_again=ruling.turn < turn)
    return replace(shown, findings=tuple(findings))
