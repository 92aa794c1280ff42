"""Strict JSON parsing: each error names the field by its path, such as `criteria[1].maximum`.

The functions `as_…` return a value of the type in their name, or raise `MalformedError` if it has another one.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from enum import StrEnum

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SHOWN_KEY = 64
_WHOLE = "JSON"  # the path of an error of the complete value


class MalformedError(ValueError):
    """JSON of another shape than `docs/contracts.md` gives; `field` is the path of the error, `message` explains it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class _NotANumber:
    """Placeholder for NaN or an infinity, until its path is known and `MalformedError` is raised."""


def parse(text: str | bytes) -> object:
    """Parse one JSON value; bytes must be UTF-8.

    :raises MalformedError: if `text` is not UTF-8 or not JSON, or contains NaN, an infinity, or a key twice in one
        object.
    """
    doubled: list[tuple[dict[str, object], str]] = []
    constants: list[str] = []

    def paired(pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(pairs)
        if len(members) != len(pairs):
            (key, _times), *_ = Counter(key for key, _ in pairs).most_common(1)
            doubled.append((members, key))
        return members

    def constant(name: str) -> _NotANumber:
        constants.append(name)
        return _NotANumber()

    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        value: object = json.loads(decoded, object_pairs_hook=paired, parse_constant=constant)
    except UnicodeDecodeError as error:
        raise MalformedError(_WHOLE, f"byte {error.start + 1} is not UTF-8") from None
    except json.JSONDecodeError as error:
        # One facts object is one line, and `BadLineError` already gives its number.
        where = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno}, column {error.colno}"
        raise MalformedError(_WHOLE, f"{error.msg} ({where})") from None
    except RecursionError:
        raise MalformedError(_WHOLE, "is nested too deeply") from None
    except ValueError:
        # Python does not parse integers of thousands of digits.
        raise MalformedError(_WHOLE, "holds a number with too many digits") from None
    if doubled or constants:
        raise next(_located(value, {id(members): key for members, key in doubled}))
    return value


def _located(value: object, doubled: Mapping[int, str]) -> Iterator[MalformedError]:
    # A wrong value that a later value of the same key replaced has no path, but the object with the doubled key has.
    for path, member in _walk(value):
        if id(member) in doubled:
            yield MalformedError(key_path(path, doubled[id(member)]), "is given twice in the same object")
        if isinstance(member, _NotANumber):
            yield MalformedError(path or _WHOLE, "must be a JSON value, not NaN or an infinity")


def _walk(value: object) -> Iterator[tuple[str, object]]:
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        path, member = waiting.pop()
        yield path, member
        if isinstance(member, dict):
            waiting.extend((key_path(path, key), inner) for key, inner in member.items())
        elif isinstance(member, list):
            waiting.extend((f"{path}[{index}]", inner) for index, inner in enumerate(member))


def key_path(path: str, key: str) -> str:
    """Return the path of a key. A key that is no short identifier is quoted, escaped and cut to a bounded length."""
    plain = key.isidentifier() and key.isascii() and len(key) <= _SHOWN_KEY
    shown = key if plain else json.dumps(key[:_SHOWN_KEY])
    return f"{path}.{shown}" if path else shown


def as_object(value: object, path: str) -> dict[str, object]:
    """Return `value` as a JSON object, whose keys are texts."""
    if isinstance(value, dict):
        # A Python caller may pass a dict with keys that JSON cannot have.
        for key in value:
            if not isinstance(key, str):
                raise MalformedError(path, "must have text keys")
        return value
    raise MalformedError(path, "must be a JSON object")


def as_array(value: object, path: str) -> list[object]:
    """Return `value` as a JSON array."""
    if isinstance(value, list):
        return value
    raise MalformedError(path, "must be a JSON array")


def as_text(value: object, path: str) -> str:
    """Return `value` as a text in NFC, where composed and decomposed accents are equal; refuse half surrogate pairs."""
    if not isinstance(value, str):
        raise MalformedError(path, "must be a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise MalformedError(path, "holds half of a surrogate pair") from None
    return unicodedata.normalize("NFC", value)


def as_code(value: object, path: str) -> str:
    """Return `value` as a text that is not blank, in NFC."""
    text = as_text(value, path)
    if not text.strip():
        raise MalformedError(path, "must not be blank")
    return text


def as_day(value: object, path: str) -> date:
    """Return the day of a text `YYYY-MM-DD`, if the calendar has it."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise MalformedError(path, "must be a day of the calendar written YYYY-MM-DD")


def as_flag(value: object, path: str) -> bool:
    """Return `value` as true or false; 0 and 1 are neither."""
    if value is True or value is False:
        return value
    raise MalformedError(path, "must be true or false")


def as_count(value: object, path: str) -> int:
    """Return `value` as an integer of 0 or more; true, false and floats are none."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise MalformedError(path, "must be an integer, 0 or more")


def as_choice[Choice: StrEnum](choices: type[Choice], value: object, path: str) -> Choice:
    """Return the member of `choices` with this code."""
    if isinstance(value, str):
        try:
            return choices(value)
        except ValueError:
            pass
    raise MalformedError(path, f"must be one of {', '.join(choice.value for choice in choices)}")


def required(values: Mapping[str, object], key: str, path: str) -> object:
    """Return the value of a key; raise `MalformedError` if it is missing."""
    try:
        return values[key]
    except KeyError:
        raise MalformedError(key_path(path, key), "is missing") from None


def refuse_unknown(values: Mapping[str, object], known: Collection[str], path: str) -> None:
    """Raise `MalformedError`, which names the key, for the first key of `values` that `known` lacks."""
    for key in values:
        if key not in known:
            raise MalformedError(key_path(path, key), "is not a known key here")
