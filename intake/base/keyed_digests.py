"""Digests under `SECRET_KEY`, and under those of `SECRET_KEY_FALLBACKS`, which a rotation still accepts."""

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac


def keyed_digests(salt: str, value: str | bytes = "") -> list[bytes]:
    """Return the digests of `value` (HMAC-SHA256) for this use, `salt`: under the current key, then the older ones."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [salted_hmac(salt, value, secret=key, algorithm="sha256").digest() for key in keys]


def is_digest(given: str | bytes, salt: str, value: str | bytes) -> bool:
    """Return, in constant time for each key, whether `given` is one of those digests; a text is hexadecimal."""
    return any(
        constant_time_compare(given, digest.hex() if isinstance(given, str) else digest)
        for digest in keyed_digests(salt, value)
    )
