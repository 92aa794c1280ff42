"""Which findings of a filing a person verifies in its documents, and what was found."""

from intake.submissions.models import Filing, Submission
from intake.submissions.states import Reserve, State

from .exports.rows import payload_of
from .models import Evidence

_PAST = frozenset({State.WITHDRAWN, State.INADMISSIBLE, State.DECLINED, State.COMPLETED})
"""Nothing rests on a verification there any more."""


def verified_in(submission: Submission) -> bool:
    """Say whether the findings of `submission` are to be verified, in the state in which it stands."""
    return submission.state not in _PAST and submission.reserve != Reserve.PENDING


def blocking_kinds(filing: Filing) -> dict[int, str]:
    """Return the kind of each finding that decides the verdict of `filing`, by its position from 0; none once erased.

    Needs the filing's seal and verdict.
    """
    payload = payload_of(filing.seal)
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


def latest_evidence(filing: Filing) -> dict[int, Evidence]:
    """Return what stands on each finding of `filing` that somebody verified, by its position; one query."""
    rows = Evidence.objects.filter(filing=filing).order_by("position", "-pk").distinct("position")
    return {row.position: row for row in rows}


def confirmed_of(filing: Filing) -> tuple[int, int]:
    """Return how many findings of `filing` are confirmed, of how many that must be before anybody is selected on it."""
    latest = latest_evidence(filing)
    wanted = filing.verdict.blocking
    done = sum(
        position in latest and latest[position].outcome == Evidence.Outcome.CONFIRMED for position in wanted
    )
    return done, len(wanted)
