"""Encryption of the secrets of second factors, under the keys of `SECOND_FACTOR_KEYS`.

A stored text names its key. The first key encrypts; the older ones only decrypt. The secret of an application is
encrypted again, under the first key, each time that its owner uses it.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class KeyLostError(RuntimeError):
    """A secret was encrypted under a key that `SECOND_FACTOR_KEYS` no longer has, or was altered."""

    code = "second_factor_key_lost"


def encrypt(text: str) -> str:
    """Return `text`, encrypted under the first key and preceded by the key's name."""
    name = next(iter(settings.SECOND_FACTOR_KEYS))
    return f"{name}:{_fernet(name).encrypt(text.encode()).decode()}"


def decrypt(stored: str) -> str:
    """Return the text that `encrypt` stored.

    :raises KeyLostError: if no key has its name, or it was altered.
    """
    name, _colon, token = stored.partition(":")
    if name not in settings.SECOND_FACTOR_KEYS:
        raise KeyLostError(name)
    try:
        return _fernet(name).decrypt(token).decode()
    except InvalidToken as error:
        raise KeyLostError(name) from error


def _fernet(name: str) -> Fernet:
    digest = hashlib.sha256(settings.SECOND_FACTOR_KEYS[name].encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
