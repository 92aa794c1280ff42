"""Which findings of a filing can be verified, by whom, and the evidence found."""

from collections.abc import Collection, Iterable, Mapping
from typing import cast

from django.db.models import QuerySet

from intake.accounts.models import User
from intake.review.access.committee_membership import BY_A_PARTY
from intake.review.models import Evidence
from intake.review.pages.sealed_filing import payload_or_none
from intake.submissions.models import Filing, Submission
from intake.submissions.states import SELECTED_STATES, HumanReview, State

_UNVERIFIABLE_STATES = frozenset({State.WITHDRAWN, State.INADMISSIBLE, State.DECLINED, State.COMPLETED})
"""States in which no decision depends on evidence any more."""


def is_verifiable(submission: Submission) -> bool:
    """True if the findings of `submission` can be verified in its current state."""
    return submission.state not in _UNVERIFIABLE_STATES and submission.reserve != HumanReview.PENDING


def is_verifiable_by(submission: Submission, user: User) -> bool:
    """True if `user` may verify the findings of `submission`: once it is selected, only a decider."""
    if not (is_verifiable(submission) and user.has_perm("review.verify_finding")):
        return False
    return submission.state not in SELECTED_STATES or user.has_perm("submissions.decide_submission")


def blocking_kinds(filing: Filing) -> dict[int, str]:
    """Return the kind of each finding that counts in the verdict of `filing`, by position from 0. Empty once erased.

    Needs the filing's seal and verdict.
    """
    payload = payload_or_none(filing.seal)
    if payload is None:
        return {}
    findings = payload.verdict["findings"]
    return {position: findings[position]["kind"] for position in filing.verdict.blocking}


def evidence_on(filing: Filing) -> list[Evidence]:
    """Return all evidence on `filing`, with author and document, newest first. One query."""
    return list(
        _with_void(Evidence.objects.filter(filing=filing))
        .select_related("author", "document__request", "document__upload")
        .order_by("-pk")
    )


def latest_evidence_on(filings: Iterable[Filing]) -> dict[int, dict[int, Evidence]]:
    """Return the latest evidence per finding, by filing and position. One query for all `filings`."""
    rows = (
        _with_void(Evidence.objects.filter(filing__in=filings))
        .order_by("filing", "position", "-pk")
        .distinct("filing", "position")
    )
    latest: dict[int, dict[int, Evidence]] = {}
    for row in rows:
        latest.setdefault(row.filing_id, {})[row.position] = row
    return latest


def _with_void[Row: Evidence](rows: QuerySet[Row]) -> QuerySet[Row]:
    return cast("QuerySet[Row]", rows.annotate(is_void=BY_A_PARTY))


def confirmed_counts(filing: Filing) -> tuple[int, int]:
    """Return the number of confirmed findings of `filing`, and the number required before a selection."""
    latest = latest_evidence_on([filing]).get(filing.pk, {})
    return _confirmed(filing, latest), len(filing.verdict.blocking)


def unconfirmed_among(filings: Collection[Filing]) -> set[int]:
    """Return the keys of those `filings` whose candidates may not be selected yet. One query; needs their verdicts.

    At least one finding that counts in the verdict is not confirmed, or its latest evidence contradicts it or is void.
    """
    latest = latest_evidence_on(filings)
    return {
        filing.pk
        for filing in filings
        if _confirmed(filing, latest.get(filing.pk, {})) < len(filing.verdict.blocking)
    }


def _confirmed(filing: Filing, latest: Mapping[int, Evidence]) -> int:
    return sum(is_confirmation(latest.get(position)) for position in filing.verdict.blocking)


def is_confirmation(found: Evidence | None) -> bool:
    """True if `found`, the latest evidence on a finding, confirms it. Needs its annotation `is_void`."""
    return found is not None and found.outcome == Evidence.Outcome.CONFIRMED and not found.is_void
