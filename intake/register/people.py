"""A person as the register recognises them: their names folded, and the day they were born. Pure.

What two spellings of one name share is kept and the rest is let go: « Marie-Ève D’Amours » and « marie eve damours »
are one person. Two people whom folding takes for one would also need the same day of birth, and a person judges them; a
past participant whom a hyphen hides is seen by nobody. Folding therefore leans to recognising.
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
"""Letters that Unicode does not take apart and that people write without their mark."""
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘`´ʼʻʹ′＇", ""))
"""Let go before anything else: NFKD takes one of them for a space."""


def fold(text: str) -> str:
    """Return the letters and figures of `text`, without case or accents: nothing else tells two spellings apart."""
    return "".join(_folded_words(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody, by the names they give and the day they were born."""

    last_name: str
    first_name: str
    birth_date: date

    @property
    def family_name(self) -> str:
        """The family name, folded and whole.

        :raises NamelessError: if it has no letter.
        """
        return _require_letters(fold(self.last_name))

    @property
    def given(self) -> str:
        """The given names, folded and whole: « Marie-Ève » and « Marie Ève » are the same.

        :raises NamelessError: if they have no letter.
        """
        return _require_letters(fold(self.first_name))

    @property
    def shorter(self) -> tuple[str, ...]:
        """The shorter forms of the given names, from the first one alone: `marie`, `marieeve` of « Marie-Ève Louise ».

        People leave out their last given names, rarely the first. Two people match when the whole of one is the whole
        or a shorter form of the other: « Marie » is « Marie-Ève », who is not « Marie-Claude », her twin perhaps.
        """
        return tuple(accumulate(_folded_words(self.first_name)))[:-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A person who took part in `programme`, in the year `year`."""

    person: Person
    programme: Programme
    year: int


def _require_letters(folded: str) -> str:
    if not any(char.isalpha() for char in folded):
        raise NameWithoutLettersError
    return folded


def _folded_words(text: str) -> list[str]:
    """Return the words of `text`, each folded. An apostrophe and what is invisible stand inside a word."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    return "".join(
        _folded_character(char) for char in unicodedata.normalize("NFKD", plain).translate(_LETTERS)
    ).split()


def _folded_character(char: str) -> str:
    """Return what is left of a character: itself, nothing, or the space that separates two words."""
    category = unicodedata.category(char)
    if category[0] in "LN":
        return char
    if category[0] == "M":
        # An accent goes; a vowel sign of the scripts of India or of Thailand is a letter like another.
        return "" if unicodedata.combining(char) else char
    return "" if category == "Cf" else " "
