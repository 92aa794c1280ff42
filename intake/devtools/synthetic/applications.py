"""One invented application: its person, its answers and its moves."""

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
