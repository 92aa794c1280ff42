"""Invented people. One seed and rank always give the same person; no address can receive mail.

Names are in several scripts, with the hyphens, apostrophes, particles and accents of real names.
"""

import random
from dataclasses import asdict, dataclass
from typing import Final

from intake.operations.invariants import SYNTHETIC_DOMAIN
from offers.folding import strip_accents

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
