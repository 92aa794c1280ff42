"""Which findings of a filing a person verifies in its documents, and what was found."""

from collections.abc import Collection, Iterable, Mapping

from intake.accounts.models import User
from intake.review.models import Evidence
from intake.review.pages.sealed_filing import payload_or_none
from intake.submissions.models import Filing, Submission
from intake.submissions.states import SELECTED_STATES, HumanReview, State

_UNVERIFIABLE_STATES = frozenset({State.WITHDRAWN, State.INADMISSIBLE, State.DECLINED, State.COMPLETED})
"""Nothing rests on a verification there any more."""


def is_verifiable(submission: Submission) -> bool:
    """Say whether the findings of `submission` are to be verified, in the state in which it stands."""
    return submission.state not in _UNVERIFIABLE_STATES and submission.reserve != HumanReview.PENDING


def is_verifiable_by(submission: Submission, user: User) -> bool:
    """Say whether `user` verifies the findings of `submission` as it stands: once it is selected, those who decide."""
    if not (is_verifiable(submission) and user.has_perm("review.verify_finding")):
        return False
    return submission.state not in SELECTED_STATES or user.has_perm("submissions.decide_submission")


def blocking_kinds(filing: Filing) -> dict[int, str]:
    """Return the kind of each finding that decides the verdict of `filing`, by its position from 0; none once erased.

    Needs the filing's seal and verdict.
    """
    payload = payload_or_none(filing.seal)
    if payload is None:
        return {}
    found = payload.verdict["findings"]
    return {position: found[position]["kind"] for position in filing.verdict.blocking}


def evidence_on(filing: Filing) -> list[Evidence]:
    """Return all that was found about `filing`, with its author and document, the newest first; one query."""
    return list(
        Evidence.objects.filter(filing=filing)
        .select_related("author", "document__request", "document__upload")
        .order_by("-pk")
    )


def latest_evidence_on(filings: Iterable[Filing]) -> dict[int, dict[int, Evidence]]:
    """Return what stands on each finding that somebody verified, by filing and position; one query for all."""
    rows = (
        Evidence.objects.filter(filing__in=filings)
        .order_by("filing", "position", "-pk")
        .distinct("filing", "position")
    )
    found: dict[int, dict[int, Evidence]] = {}
    for row in rows:
        found.setdefault(row.filing_id, {})[row.position] = row
    return found


def latest_evidence(filing: Filing) -> dict[int, Evidence]:
    """Return what stands on each finding of `filing` that somebody verified, by its position; one query."""
    return latest_evidence_on([filing]).get(filing.pk, {})


def confirmed_counts(filing: Filing) -> tuple[int, int]:
    """Return how many findings of `filing` are confirmed, of how many that must be before anybody is selected on it."""
    return _confirmed(filing, latest_evidence(filing)), len(filing.verdict.blocking)


def unconfirmed_among(filings: Collection[Filing]) -> set[int]:
    """Return those of `filings` on which nobody may be selected yet, by number; one query, verdicts read beforehand.

    A finding that decides the verdict is not confirmed, or was contradicted since.
    """
    latest = latest_evidence_on(filings)
    return {
        filing.pk
        for filing in filings
        if _confirmed(filing, latest.get(filing.pk, {})) < len(filing.verdict.blocking)
    }


def _confirmed(filing: Filing, latest: Mapping[int, Evidence]) -> int:
    return sum(
        position in latest and latest[position].outcome == Evidence.Outcome.CONFIRMED
        for position in filing.verdict.blocking
    )
