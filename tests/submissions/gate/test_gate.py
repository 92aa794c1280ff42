"""The gate of a filing, by missing answers and verdict: every branch."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from eligibility import Clause, CriterionKind, Effect, Finding, Outcome, Verdict, VerdictOutcome
from intake.submissions.filing.evaluation import (
    IncompleteError,
    NotEligibleError,
    evaluate_filing,
    read_filing_inputs,
)
from intake.submissions.gate.readiness import Progress, Readiness, SectionProgress, blocking_positions
from tests.factories.submissions import make_draft, make_open_offer
from tests.submissions.pages import section_of


def _finding(outcome: str, effect: str = "BLOCK") -> Finding:
    return Finding(
        kind=next(iter(CriterionKind)),
        outcome=Outcome(outcome),
        effect=Effect(effect),
        observed={},
        reason_fr="",
        reason_en="",
        would_pass={},
        clause=Clause("1", ""),
    )


NOT_MET, UNKNOWN, UNKNOWN_ADVICE = _finding("NOT_MET"), _finding("UNKNOWN"), _finding("UNKNOWN", "ADVISE")


def _readiness(outcome: str, *findings: Finding, complete: bool = True) -> Readiness:
    section = section_of("identite")
    progress = Progress.COMPLETE if complete else Progress.STARTED
    return Readiness(
        sections=(SectionProgress(section, progress),),
        missing_documents=(),
        verdict=Verdict(VerdictOutcome(outcome), "", "", findings),
    )


@pytest.mark.parametrize(
    "outcome, findings, complete, filed, under_reserve",
    [
        ("ELIGIBLE", (), True, True, False),
        ("ELIGIBLE", (), False, False, False),
        ("NEEDS_REVIEW", (), True, True, False),
        ("NEEDS_REVIEW", (), False, False, False),
        ("INELIGIBLE", (NOT_MET,), True, False, True),
        ("INELIGIBLE", (NOT_MET,), False, False, False),
        ("INELIGIBLE", (NOT_MET, UNKNOWN), True, False, False),
        ("INELIGIBLE", (NOT_MET, UNKNOWN_ADVICE), True, False, True),
        ("INCOMPLETE", (UNKNOWN,), True, False, False),
        ("INCOMPLETE", (UNKNOWN,), False, False, False),
    ],
)
def test_readiness_allows_filing_or_a_review_request_by_verdict(
    outcome: str, findings: tuple[Finding, ...], *, complete: bool, filed: bool, under_reserve: bool
) -> None:
    readiness = _readiness(outcome, *findings, complete=complete)
    assert (readiness.may_be_filed, readiness.may_be_filed_under_reserve) == (filed, under_reserve)


def test_advisory_findings_block_no_filing() -> None:
    verdict = Verdict(VerdictOutcome.INELIGIBLE, "", "", (UNKNOWN_ADVICE, NOT_MET, UNKNOWN_ADVICE, UNKNOWN))
    assert blocking_positions(verdict) == [1, 3]


@pytest.mark.django_db
def test_a_future_day_is_refused_in_the_time_zone_of_the_offer() -> None:
    """At 2:00 UTC it is the day before in Québec: today's date in UTC is in the future there."""
    offer = make_open_offer()
    now = datetime.combine(offer.closes_on - timedelta(days=3), datetime.min.time(), UTC) + timedelta(hours=2)
    day: date = now.date()
    draft = make_draft(offer=offer, quebec_resident_since=day.isoformat())
    submission = draft.submission
    refused: Any
    with pytest.raises(IncompleteError) as refused:
        evaluate_filing(submission, read_filing_inputs(submission, draft), now, "")
    assert refused.value.sections == ("residence",)
    # Four hours later it is the same day in Québec: the residence starts that day, and is too short.
    with pytest.raises(NotEligibleError):
        evaluate_filing(submission, read_filing_inputs(submission, draft), now + timedelta(hours=4), "")
