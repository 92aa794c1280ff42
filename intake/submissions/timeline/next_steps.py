"""What follows a filing, for its candidate: human review, complement, closing, study, selection, decision.

States between which the candidate must not see a difference give equal steps here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from intake.submissions.lifecycle.candidate_status import CandidateStatus, Situation
from intake.submissions.states import CANDIDATE_LABELS, HumanReview, State
from offers.models import Offer


class StepKind(StrEnum):
    """Kind of a step, which decides its sentences (`submissions/next_steps.html`)."""

    HUMAN_REVIEW = "HUMAN_REVIEW"
    COMPLEMENT = "COMPLEMENT"
    CLOSING = "CLOSING"
    STUDY = "STUDY"
    SELECTION = "SELECTION"
    DECISION = "DECISION"


class Progress(StrEnum):
    """Progress of a step."""

    DONE = "DONE"
    NOW = "NOW"
    NEXT = "NEXT"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `is_yours`: the candidate has something to do."""

    kind: StepKind
    progress: Progress
    is_yours: bool = False


_STUDIED: Final = frozenset(
    state for state in State if CANDIDATE_LABELS[state] == CANDIDATE_LABELS[State.UNDER_REVIEW]
)
"""UNDER_REVIEW and the states that are not released: the candidate reads the same label."""


def next_steps_of(standing: CandidateStatus, *, at: datetime) -> list[Step]:
    """Return the steps of a filed submission at `at` (aware), in order. Empty if nothing follows.

    Nothing follows a decision, a withdrawal or the cancellation of the offer.
    """
    submission = standing.submission
    if standing.is_decided or submission.offer.status == Offer.Status.CANCELLED:
        return []
    state = State(submission.state)
    return [
        *_human_review(standing),
        *_complement(standing),
        _closing(standing, at),
        Step(StepKind.STUDY, _study(state)),
        Step(
            StepKind.SELECTION,
            _selection(state),
            is_yours=state == State.INTERVIEW,
        ),
        Step(StepKind.DECISION, Progress.NOW if state == State.RESERVE else Progress.NEXT),
    ]


def _human_review(standing: CandidateStatus) -> list[Step]:
    match HumanReview(standing.submission.reserve):
        case HumanReview.PENDING:
            return [Step(StepKind.HUMAN_REVIEW, Progress.NOW)]
        case HumanReview.LIFTED:
            return [Step(StepKind.HUMAN_REVIEW, Progress.DONE)]
        case _:
            return []


def _complement(standing: CandidateStatus) -> list[Step]:
    if standing.complement is not None:
        return [Step(StepKind.COMPLEMENT, Progress.NOW, is_yours=standing.may_answer)]
    return [Step(StepKind.COMPLEMENT, Progress.DONE)] if standing.answered or standing.is_resumed else []


def _closing(standing: CandidateStatus, at: datetime) -> Step:
    is_over = standing.submission.window.ordinary_closes_at <= at
    amends = standing.situation is Situation.AMENDING and standing.complement is None
    return Step(StepKind.CLOSING, Progress.DONE if is_over else Progress.NOW, is_yours=amends and not is_over)


def _study(state: State) -> Progress:
    if state in _STUDIED:
        return Progress.NOW
    return Progress.DONE if state in {State.INTERVIEW, State.RESERVE} else Progress.NEXT


def _selection(state: State) -> Progress:
    if state == State.INTERVIEW:
        return Progress.NOW
    return Progress.DONE if state == State.RESERVE else Progress.NEXT
