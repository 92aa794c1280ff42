"""Invented applications: the person, answers and moves of each, and the counts of those created."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from intake.submissions.models import Submission
from intake.submissions.questions.offer_questions import OfferQuestions
from intake.submissions.states import Action

from .answers import ExpectedResult, draw_answers
from .people import Person, chance_of, draw_person

REVIEW_MESSAGE: Final = "Un document joint montre ce que mes réponses ne peuvent pas dire. Merci de le lire."
REASON: Final = "Candidature inventée, pour un essai."

_STANDINGS: Final = {
    ExpectedResult.ADMITTED: 0.80,
    ExpectedResult.FOR_A_PERSON: 0.12,
    ExpectedResult.REFUSED: 0.08,
}
_PATHS: Final[dict[tuple[Action, ...], float]] = {
    (): 0.60,
    (Action.START_REVIEW,): 0.20,
    (Action.START_REVIEW, Action.SHORTLIST): 0.08,
    (Action.START_REVIEW, Action.SHORTLIST, Action.RECOMMEND): 0.07,
    (Action.WITHDRAW,): 0.05,
}
"""Moves after a filing, with the share of applications that make them."""
_LEFT_AS_DRAFT: Final = 0.08  # share of all applications
_ASKS_FOR_REVIEW: Final = 0.35  # share of those that the rules refuse
_HALF_WRITTEN: Final = 0.6  # share of the drafts


@dataclass(frozen=True, slots=True)
class Application:
    """What one person tries to do on an offer. The rules decide whether a filing is accepted."""

    person: Person
    answers: dict[str, Any]
    files: bool
    asks_for_review: bool
    moves: tuple[Action, ...]
    """After a filing without a review request."""


def draw_applications(*, asks: OfferQuestions, seed: int, ranks: range, on: date) -> Iterator[Application]:
    """Draw the applications of these ranks, each independent of the others; `on` is today."""
    for rank in ranks:
        chance = chance_of(seed=seed, rank=rank)
        person = draw_person(seed=seed, rank=rank, chance=chance)
        expected = chance.choices(list(_STANDINGS), list(_STANDINGS.values()))[0]
        moves = chance.choices(list(_PATHS), list(_PATHS.values()))[0]
        files = chance.random() >= _LEFT_AS_DRAFT
        asks_for_review = chance.random() < _ASKS_FOR_REVIEW
        half_written = chance.random() < _HALF_WRITTEN
        answers = person.answers() | draw_answers(asks=asks, expected=expected, on=on, chance=chance)
        files = files and (expected is not ExpectedResult.REFUSED or asks_for_review)
        if not files and half_written:
            answers = {key: value for key, value in answers.items() if key in person.answers()}
        yield Application(person, answers, files, asks_for_review, moves)


@dataclass(slots=True)
class Tally:
    """Number of applications created, by kind; `already` existed before."""

    already: int = 0
    drafts: int = 0
    filed: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    """Verdicts of the filings."""
    states: Counter[str] = field(default_factory=Counter)

    def count(self, submission: Submission, outcome: str | None) -> None:
        """Count one application in its final state; `outcome` is the verdict of its filing, None for a draft."""
        self.states[submission.state] += 1
        if outcome is None:
            self.drafts += 1
        else:
            self.filed += 1
            self.outcomes[outcome] += 1

    def as_json(self) -> dict[str, Any]:
        """Return the counts in the form that the command prints."""
        return {
            "created": self.drafts + self.filed,
            "already": self.already,
            "filed": self.filed,
            "drafts": self.drafts,
            "outcomes": dict(sorted(self.outcomes.items())),
            "states": dict(sorted(self.states.items())),
        }
