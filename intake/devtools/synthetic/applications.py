"""One invented application: whose it is, what it answers, and what becomes of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

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
"""The moves that follow a filing, and how often."""
_LEFT_AS_DRAFT: Final = 0.08  # of those who could file
_ASKS_FOR_REVIEW: Final = 0.35  # of those whom the rules refuse
_HALF_WRITTEN: Final = 0.6  # of the drafts


@dataclass(frozen=True, slots=True)
class Application:
    """What one person is to do on an offer. Filing is what they wish; the rules say whether they may."""

    person: Person
    answers: dict[str, Any]
    files: bool
    asks_for_review: bool
    moves: tuple[Action, ...]
    """After a filing without reserve."""


def draw_applications(*, asks: OfferQuestions, seed: int, ranks: range, on: date) -> Iterator[Application]:
    """Draw the applications of these ranks, each the same whatever the others; `on` is the day it is."""
    for rank in ranks:
        yield _draw_application(asks, seed, rank, on)


def _draw_application(asks: OfferQuestions, seed: int, rank: int, on: date) -> Application:
    chance = chance_of(seed=seed, rank=rank)
    person = draw_person(seed=seed, rank=rank, chance=chance)
    standing = chance.choices(list(_STANDINGS), list(_STANDINGS.values()))[0]
    moves = chance.choices(list(_PATHS), list(_PATHS.values()))[0]
    files = chance.random() >= _LEFT_AS_DRAFT
    asks_for_review = chance.random() < _ASKS_FOR_REVIEW
    half_written = chance.random() < _HALF_WRITTEN
    answers = person.answers() | draw_answers(asks=asks, standing=standing, on=on, chance=chance)
    files = files and (standing is not ExpectedResult.REFUSED or asks_for_review)
    if not files and half_written:
        answers = {key: value for key, value in answers.items() if key in person.answers()}
    return Application(person, answers, files, asks_for_review, moves)
