"""Canonical JSON, one byte form for each value, and its digest: later comparisons must not depend on layout."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

_PLAIN = frozenset({str, int, bool, type(None)})
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def canonical(obj: object) -> bytes:
    """Return the canonical JSON of a value: UTF-8, NFC, keys sorted by code point, no spaces, no floats.

    Digests are the SHA-256 of this form: see `docs/contracts.md`.

    :raises TypeError: if the value contains a float, a key that is not text, or a type that JSON lacks.
    :raises ValueError: if two keys of an object are equal in NFC, or a text contains half of a surrogate pair.
    """
    _refuse_inexact(obj)
    text = _ENCODER.encode(obj)
    if not (text.isascii() or unicodedata.is_normalized("NFC", text)):
        text = _ENCODER.encode(_composed(obj))
    return text.encode()


def digest(obj: object) -> str:
    """Return `sha256:` and the hexadecimal SHA-256 of a value's canonical JSON.

    :raises TypeError: see `canonical`.
    :raises ValueError: see `canonical`.
    """
    return f"sha256:{hashlib.sha256(canonical(obj)).hexdigest()}"


def _refuse_inexact(obj: object) -> None:
    # json would write a float, and turn a key such as 1 or None into text, without an error.
    members: Iterable[object]
    if isinstance(obj, dict):
        for key in obj:
            if not isinstance(key, str):
                message = f"a JSON key must be text, not {type(key).__name__}"
                raise TypeError(message)
        members = obj.values()
    elif isinstance(obj, (list, tuple)):
        members = obj
    elif isinstance(obj, (str, int, type(None))):
        return
    else:
        message = f"canonical JSON cannot hold a {type(obj).__name__}"
        raise TypeError(message)
    for value in members:
        # Most members are plain values: a comparison of types is much faster than a call for each.
        if type(value) not in _PLAIN:
            _refuse_inexact(value)


def _composed(obj: object) -> object:
    # Normalise each text before encoding: in the encoded text, NFC would join the n of an escaped line
    # break and an accent that follows it.
    if isinstance(obj, str):
        return unicodedata.normalize("NFC", obj)
    if isinstance(obj, Mapping):
        composed = {unicodedata.normalize("NFC", key): _composed(value) for key, value in obj.items()}
        if len(composed) != len(obj):
            message = "two keys of an object are the same in NFC"
            raise ValueError(message)
        return composed
    if isinstance(obj, Sequence):
        return [_composed(value) for value in obj]
    return obj
