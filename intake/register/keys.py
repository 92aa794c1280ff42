"""Keys and digests of the register. HMAC-SHA-256: without a key, names and birth dates cannot be guessed by trial.

`REGISTER_KEYS` maps the name of each key to its secret, the current key first. Put a new key in front. Keep an older
key as long as a row uses it: it is used to find people, not for new rows.
"""

import hashlib
import hmac
from dataclasses import dataclass

from django.conf import settings

from offers.models import Programme

from .errors import NoKeyError
from .people import Person

_PURPOSE = "participation/1"
"""First part of the digested text. Change it for another purpose or another folding of names."""


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
