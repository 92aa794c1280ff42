"""A person as the register identifies them: folded names and birth date. Pure.

Folding keeps only letters and digits, without case and accents: « Marie-Ève D’Amours » and « marie eve damours » are
one person. A false match also needs the same birth date, and staff rule on it; a missed match stays undetected. So
folding prefers false matches.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from offers.models import Programme

from .errors import NameWithoutLettersError

_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "n"}
)
"""Letters that NFKD does not decompose and that people write without their mark."""
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘`´ʼʻʹ′＇", ""))
"""Removed before normalisation: NFKD turns one of them into a space."""


def fold(text: str) -> str:
    """Return the letters and digits of `text`, without case and accents."""
    return "".join(_folded_words(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person, by names and birth date."""

    last_name: str
    first_name: str
    birth_date: date

    @property
    def family_name(self) -> str:
        """The full family name, folded.

        :raises NameWithoutLettersError: if it has no letter.
        """
        return _require_letters(fold(self.last_name))

    @property
    def given(self) -> str:
        """All given names, folded: « Marie-Ève » and « Marie Ève » are equal.

        :raises NameWithoutLettersError: if they have no letter.
        """
        return _require_letters(fold(self.first_name))

    @property
    def shorter(self) -> tuple[str, ...]:
        """Shortened given names, the shortest first: `marie` and `marieeve` for « Marie-Ève Louise ».

        People leave out their last given names, rarely the first. Two people match if all given names of one equal all
        or a shortened form of the other's: « Marie » matches « Marie-Ève », which does not match « Marie-Claude ».
        """
        return tuple(accumulate(_folded_words(self.first_name)))[:-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A person who took part in `programme` in `year`."""

    person: Person
    programme: Programme
    year: int


def _require_letters(folded: str) -> str:
    if not any(char.isalpha() for char in folded):
        raise NameWithoutLettersError
    return folded


def _folded_words(text: str) -> list[str]:
    """Return the words of `text`, each folded. Apostrophes and invisible characters do not separate words."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    return "".join(
        _folded_character(char) for char in unicodedata.normalize("NFKD", plain).translate(_LETTERS)
    ).split()


def _folded_character(char: str) -> str:
    """Return the character if it is kept, a space if it separates words, else an empty text."""
    category = unicodedata.category(char)
    if category[0] in "LN":
        return char
    if category[0] == "M":
        # Drop accents; keep vowel signs of the scripts of India and Thailand, which are letters.
        return "" if unicodedata.combining(char) else char
    return "" if category == "Cf" else " "
