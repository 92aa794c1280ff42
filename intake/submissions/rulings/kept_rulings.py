"""A reserve that people lifted, and that the answer to a complement keeps where the rules refuse the same again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eligibility import Verdict
from eligibility.codec import verdict_to_json
from intake.dossiers.services import AnonymisedError, read_seal
from intake.submissions.models import Ruling, Submission
from intake.submissions.states import HumanReview

from .queries import current_rulings, refused_positions


@dataclass(frozen=True, slots=True)
class KeptRulings:
    """What was asked of people once, and what they judged."""

    message: str
    """What the candidate wrote to ask it."""
    rulings: tuple[Ruling, ...]
    """One for each finding that the rules refuse: it overturns it."""


def kept_rulings(submission: Submission, verdict: Verdict) -> KeptRulings | None:
    """Return the reserve that filing an answer, judged `verdict` by the rules, keeps lifted; None: there is none.

    The same answers are refused under the same criteria, word for word: people judged that already, of the filing that
    stands. Only where a complement is asked for. No query unless the reserve is lifted; a few then.
    """
    filing = submission.standing_filing if submission.reserve == HumanReview.LIFTED else None
    if filing is None or not submission.is_incomplete:
        return None
    try:
        refused = _refused_findings(read_seal(filing.seal).verdict)
    except AnonymisedError:
        return None
    rulings = current_rulings(filing)
    if rulings.keys() != refused.keys() or refused != _refused_findings(verdict_to_json(verdict)):
        return None
    return KeptRulings(message=filing.review_request.message, rulings=tuple(rulings.values()))


def _refused_findings(verdict: Mapping[str, Any]) -> dict[int, Any]:
    """Return all that is said of each finding that the rules refuse, by its position."""
    return {position: verdict["findings"][position] for position in refused_positions(verdict)}
