"""Kept rulings: a complement keeps a LIFTED human review if the rules refuse the same findings again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eligibility import Verdict
from intake.dossiers.services import AnonymisedError, read_seal
from intake.submissions.models import Ruling, Submission
from intake.submissions.states import HumanReview

from .queries import current_rulings, refused_positions


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
    """Return the JSON of each finding that the rules refuse, by position."""
    return {position: verdict["findings"][position] for position in refused_positions(verdict)}
