"""Which findings wait for a person's judgement, and what was judged."""

from collections.abc import Iterable, Mapping
from typing import Any

from eligibility import Effect, Outcome
from intake.dossiers.services import AnonymisedError, read_seal
from intake.submissions.models import Filing, Ruling, Transition
from intake.submissions.states import Action


def refused_positions(verdict: Mapping[str, Any]) -> dict[int, str]:
    """Return the kind of each finding that the rules refuse, by its position (from 0) in a sealed `verdict`."""
    return {
        position: finding["kind"]
        for position, finding in enumerate(verdict["findings"])
        if finding["outcome"] == Outcome.NOT_MET and finding["effect"] == Effect.BLOCK
    }


def requests_review(filing: Filing) -> bool:
    """Say whether its candidate asked with `filing`, read with its verdict and seal, that a person judge it.

    Not with one that keeps a reserve which was lifted before it (`lifted`). Of what was erased, nothing more is known
    than that the rules refused it.
    """
    if not filing.verdict.under_reserve:
        return False
    try:
        return bool(read_seal(filing.seal).review_message)
    except AnonymisedError:
        return True


def rulings_on(filing: Filing) -> list[Ruling]:
    """Return every ruling on the findings of `filing` with who made it, by position, then the oldest first."""
    return list(Ruling.objects.filter(filing=filing).select_related("actor").order_by("position", "pk"))


def latest_by_position(rulings: Iterable[Ruling]) -> dict[int, Ruling]:
    """Return the latest on each finding, by its position; `rulings` come in the order of `rulings_on`.

    It stands, unless the review was opened again since: see `standing_rulings`.
    """
    return {row.position: row for row in rulings}


def latest_in_round(turn: int, rulings: Iterable[Ruling]) -> dict[int, Ruling]:
    """Return the latest of a review on each finding, by its position; `turn` is from 1."""
    return latest_by_position(row for row in rulings if row.turn == turn)


def review_round(filing: Filing) -> int:
    """Return which review of `filing` goes on, or was the last, from 1. One query.

    Reviews of what the filing replaced are counted too.
    """
    return 1 + Transition.objects.filter(submission=filing.submission_id, action=Action.JUDGE_AGAIN).count()


def current_rulings(filing: Filing) -> dict[int, Ruling]:
    """Return the ruling that stands on each finding that has one, by the finding's position.

    What was ruled before the review was opened again is written, and stands no more.
    """
    return latest_in_round(review_round(filing), rulings_on(filing))
