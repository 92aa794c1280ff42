"""The register's keys, and the digests they make: HMAC-SHA-256, so that names and dates cannot be tried without a key.

`REGISTER_KEYS` names each key and its secret, the current one first. A new key goes in front; the others stay as long
as a row was made with them: they still recognise people, and make no new row.
"""

import hashlib
import hmac
from dataclasses import dataclass

from django.conf import settings

from offers.models import Programme

from .errors import NoKeyError
from .people import Person

_PURPOSE = "participation/1"
"""What a digest is of. Another purpose, or another way of folding names, would take another word here."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key: the name that rows bear, and its secret."""

    name: str
    secret: bytes

    def whole(self, person: Person, programme: Programme) -> str:
        """Return the digest of a person's whole names, in hexadecimal; it says nothing of another programme.

        :raises NamelessError: if a name has no letter.
        """
        return self._digest(person, programme, person.given)

    def shorter(self, person: Person, programme: Programme) -> list[str]:
        """Return the digests of the shorter forms of the given names; see `Person.shorter`.

        :raises NamelessError: if the family name has no letter.
        """
        return [self._digest(person, programme, form) for form in person.shorter]

    def _digest(self, person: Person, programme: Programme, given: str) -> str:
        # No part can hold a NUL, so that no two people are written alike.
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
    """Return the key that new rows are made with.

    :raises NoKeyError: if the installation has none.
    """
    return all_keys()[0]
