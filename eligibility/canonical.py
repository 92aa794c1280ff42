"""One byte form for each JSON value, and its digest: what is compared years later must not depend on layout."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

_PLAIN = frozenset({str, int, bool, type(None)})
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def canonical(obj: object) -> bytes:
    """Return the canonical JSON of a value: UTF-8, NFC, keys sorted by code point, no spaces, no floats.

    Contract: "Digests are SHA-256 of canonical JSON".

    :raises TypeError: the value holds a float, a key that is not text, or something JSON cannot say.
    :raises ValueError: two keys of an object become one in NFC, or a text holds half of a surrogate pair.
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
    # json would write a float, and turn a key such as 1 or None into text, without a word.
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
        # Most members are plain values: looking at their type is much quicker than a call for each.
        if type(value) not in _PLAIN:
            _refuse_inexact(value)


def _composed(obj: object) -> object:
    # Text by text, before encoding: composing the encoded text would join the n of an escaped line
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
