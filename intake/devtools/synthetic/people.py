"""Invented people and what each does on an offer. One seed and rank always give the same; no address receives mail.

Names are in several scripts, with the hyphens, apostrophes, particles and accents of real names.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from intake.base.folding import strip_accents
from intake.operations.invariants import SYNTHETIC_DOMAIN
from intake.submissions.models import Submission
from intake.submissions.questions.offer_questions import OfferQuestions
from intake.submissions.states import Action

from .answers import ExpectedResult, draw_answers

DOMAIN: Final = SYNTHETIC_DOMAIN
"""The domain of every address: RFC 2606 keeps `.invalid` from ever being used."""

_FIRST: Final = (
    *("Camille", "Noémie", "Zoé", "Élodie", "Anne-Sophie", "Marie-Ève", "Océane", "Laurence", "Gabrielle"),
    *("Félix", "Loïc", "Jean-François", "Olivier", "Raphaël", "Étienne", "Tomás", "Søren", "Mikołaj"),
    *("Ngọc Ánh", "Aïssatou", "Chukwuemeka", "D’Angelo", "Siobhán", "Þóra", "İbrahim", "Siqiniq", "Kahente"),
    *("Ольга", "Дмитро", "محمد", "ليلى", "美玲", "ひかり", "민준", "आरव", "Ελένη", "שרה", "ᐊᓗᒃᑎᖅ", "—"),
)
_LAST: Final = (
    *("Tremblay", "Gagnon", "Roy", "Côté", "Bouchard", "Gauthier", "Morin", "Lavoie", "Fortin", "Gagné"),
    *("Bélanger-Cœur", "Lévesque", "L’Heureux", "D’Amours", "Saint-Onge", "St-Pierre", "de la Durantaye"),
    *("O’Brien", "McKenzie", "Nguyễn", "Trần", "Ñúñez y Ibarra", "Gonçalves", "Łukaszewicz", "Škvorecký"),
    *("van ’t Hoff", "Diallo", "N’Diaye", "Okonkwo", "Kırmızı", "Þorsteinsdóttir", "Awashish", "Kistabish"),
    *("Иваненко", "Мельник", "الحسني", "王", "佐藤", "김", "शर्मा", "Παπαδοπούλου", "כהן", "ᐊᕐᓇᖅ"),
)
_STREETS: Final = (
    *("rue Saint-Jean", "rue des Érables", "avenue du Mont-Royal Est", "chemin Sainte-Foy"),
    *("boulevard de l’Université", "côte d’Abraham", "rang du Bout-de-l’Île", "place D’Youville"),
)
_CITIES: Final = (
    *(
        ("Québec", "G1R"),
        ("Montréal", "H2X"),
        ("Gatineau", "J8X"),
        ("Sherbrooke", "J1H"),
        ("Rimouski", "G5L"),
    ),
    *(("Trois-Rivières", "G9A"), ("L’Ancienne-Lorette", "G2E"), ("Val-d’Or", "J9P"), ("Kuujjuaq", "J0M")),
)
_POSTAL_LETTERS: Final = "ABCEGHJKLMNPRSTVWXYZ"  # Canada's postal codes use no D, F, I, O, Q, U here
_LATIN: Final = frozenset("abcdefghijklmnopqrstuvwxyz")

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
class Person:
    """Name and contact details of one person, with the keys of a draft."""

    email: str
    first_name: str
    last_name: str
    phone: str
    address_line: str
    city: str
    postal_code: str

    def answers(self) -> dict[str, str]:
        """Return this person's answers about themselves, the same in any application; all live in Québec."""
        return {key: text for key, text in asdict(self).items() if key != "email"} | {"province": "QC"}


def chance_of(*, seed: int, rank: int) -> random.Random:
    """Return the random generator of the person of this rank, in the same state at each call."""
    return random.Random(f"{seed}.{rank}")  # noqa: S311 -- people that can be drawn again, no secret


def draw_person(*, seed: int, rank: int, chance: random.Random) -> Person:
    """Draw a person whose address is unique for the seed and rank."""
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    city, area = chance.choice(_CITIES)
    letters = [chance.choice(_POSTAL_LETTERS), str(chance.randrange(10))]
    street = f"{chance.randrange(1, 9999)}, {chance.choice(_STREETS)}"
    return Person(
        email=f"{_local_part(last)}.{seed}-{rank}@{DOMAIN}",
        first_name=first,
        last_name=last,
        phone=f"+1418555{chance.randrange(10_000):04}",
        address_line=street + chance.choice(("", "", f", app. {chance.randrange(1, 60)}")),
        city=city,
        postal_code=f"{area} {chance.randrange(10)}{''.join(letters)}",
    )


def _local_part(name: str) -> str:
    """Return the Latin letters of `name`, for an email address, without accents; `personne` if there are none."""
    return "".join(letter for letter in strip_accents(name) if letter in _LATIN) or "personne"


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
