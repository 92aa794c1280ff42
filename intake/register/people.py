"""People as the register identifies them: folded names and birth date, digested with a key.

Folding keeps only letters and digits, without case and accents: « Marie-Ève D’Amours » and « marie eve damours » are
one person. A false match also needs the same birth date, and staff rule on it; a missed match stays undetected. So
folding prefers false matches.

Digests are HMAC-SHA-256: without a key, names and birth dates cannot be guessed by trial. `REGISTER_KEYS` maps the name
of each key to its secret, the current key first. Put a new key in front. Keep an older key as long as a row uses it: it
is used to find people, not for new rows.
"""

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from django.conf import settings

from offers.models import Programme

from .errors import NameWithoutLettersError, NoKeyError

_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "n"}
)
"""Letters that NFKD does not decompose and that people write without their mark."""
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘`´ʼʻʹ′＇", ""))
"""Removed before normalisation: NFKD turns one of them into a space."""
_PURPOSE = "participation/1"
"""First part of the digested text. Change it for another purpose or another folding of names."""


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


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its name, which rows store, and its secret."""

    name: str
    secret: bytes

    def whole(self, person: Person, programme: Programme) -> str:
        """Return the hexadecimal digest of the person's full names in this programme; it differs for each programme.

        :raises NameWithoutLettersError: if a name has no letter.
        """
        return self._digest(person, programme, person.given)

    def shorter(self, person: Person, programme: Programme) -> list[str]:
        """Return the digests of the shortened given names; see `Person.shorter`.

        :raises NameWithoutLettersError: if the family name has no letter.
        """
        return [self._digest(person, programme, form) for form in person.shorter]

    def _digest(self, person: Person, programme: Programme, given: str) -> str:
        # No part contains a NUL, so the joined text is unambiguous.
        parts = (_PURPOSE, programme.code, person.family_name, given, person.birth_date.isoformat())
        return hmac.new(self.secret, "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def all_keys() -> tuple[Key, ...]:
    """Return the keys, the current one first.

    :raises NoKeyError: if the installation has none.
    """
    given: dict[str, str] = settings.REGISTER_KEYS
    if not given:
        raise NoKeyError
    return tuple(Key(name, secret.encode()) for name, secret in given.items())


def current_key() -> Key:
    """Return the key for new rows.

    :raises NoKeyError: if the installation has none.
    """
    return all_keys()[0]


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
