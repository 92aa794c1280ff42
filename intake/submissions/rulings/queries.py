"""Findings that need a ruling, the rulings on them, and those that a complement keeps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from eligibility import Effect, Outcome, Verdict
from intake.dossiers.services import AnonymisedError, read_seal
from intake.submissions.models import Filing, Ruling, Submission, Transition
from intake.submissions.states import Action, HumanReview


def refused_positions(verdict: Mapping[str, Any]) -> dict[int, str]:
    """Return the kind of each finding that the rules refuse, by its position (from 0) in a sealed `verdict`."""
    return {
        position: finding["kind"]
        for position, finding in enumerate(verdict["findings"])
        if finding["outcome"] == Outcome.NOT_MET and finding["effect"] == Effect.BLOCK
    }


def requests_review(filing: Filing) -> bool:
    """True if the candidate sent a review request with `filing`, read with its verdict and seal.

    False for a filing that keeps earlier rulings (`kept_rulings`). An anonymised filing has no readable message: True
    if the rules refused it.
    """
    if not filing.verdict.under_reserve:
        return False
    try:
        return bool(read_seal(filing.seal).review_message)
    except AnonymisedError:
        return True


def rulings_on(filing: Filing) -> list[Ruling]:
    """Return the rulings on the findings of `filing` with their actors, by position, then oldest first."""
    return list(Ruling.objects.filter(filing=filing).select_related("actor").order_by("position", "pk"))


def latest_by_position(rulings: Iterable[Ruling]) -> dict[int, Ruling]:
    """Return the latest ruling by position of its finding; `rulings` are in the order of `rulings_on`.

    It may not be current, if the review was opened again: see `current_rulings`.
    """
    return {row.position: row for row in rulings}


def latest_in_round(turn: int, rulings: Iterable[Ruling]) -> dict[int, Ruling]:
    """Return the latest ruling of human review `turn` (from 1), by position of its finding."""
    return latest_by_position(row for row in rulings if row.turn == turn)


def confirmed_by(rulings: Iterable[Ruling]) -> frozenset[int]:
    """Return the primary keys of the users who made those of `rulings` that confirm a finding."""
    return frozenset(row.actor_id for row in rulings if row.decision == Ruling.Decision.CONFIRMED)


def review_round(filing: Filing) -> int:
    """Return the turn, from 1, of the submission's current or last human review. One query."""
    return 1 + Transition.objects.filter(submission=filing.submission_id, action=Action.JUDGE_AGAIN).count()


def current_rulings(filing: Filing) -> dict[int, Ruling]:
    """Return the current ruling by position of its finding. Rulings of earlier turns are not current."""
    return latest_in_round(review_round(filing), rulings_on(filing))


@dataclass(frozen=True, slots=True)
class KeptRulings:
    """A review request and the rulings that resolved it."""

    message: str
    """Message of the review request."""
    rulings: tuple[Ruling, ...]
    """One OVERTURNED ruling per finding that the rules refuse."""


def kept_rulings(submission: Submission, verdict: Verdict) -> KeptRulings | None:
    """Return the rulings that a complement with `verdict` keeps, or None.

    Only if a complement is requested, the human review of the current filing is LIFTED, and the refused findings are
    equal in every field: the same facts under the same criteria. No query unless the human review is LIFTED.
    """
    filing = submission.standing_filing if submission.reserve == HumanReview.LIFTED else None
    if filing is None or not submission.is_incomplete:
        return None
    try:
        refused = _refused_findings(read_seal(filing.seal).verdict)
    except AnonymisedError:
        return None
    rulings = current_rulings(filing)
    if rulings.keys() != refused.keys() or refused != _refused_findings(verdict.as_json()):
        return None
    return KeptRulings(message=filing.review_request.message, rulings=tuple(rulings.values()))


def _refused_findings(verdict: Mapping[str, Any]) -> dict[int, Any]:
    return {position: verdict["findings"][position] for position in refused_positions(verdict)}
