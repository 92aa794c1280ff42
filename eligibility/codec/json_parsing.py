"""Read JSON strictly: every refusal names the field by its path, such as `criteria[1].maximum`."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from enum import StrEnum

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SHOWN_KEY = 64


class MalformedError(ValueError):
    """JSON that does not have the contract's shape; `field` is the path of what is wrong, `message` says how."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class _NotANumber:
    """Stands where NaN or an infinity was read, until it is located and refused."""


def parse(text: str | bytes) -> object:
    """Parse one JSON value; bytes must be UTF-8.

    :raises MalformedError: bad UTF-8, bad JSON, a key given twice in one object, NaN or an infinity.
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
        field, message = "JSON", f"byte {error.start + 1} is not UTF-8"
        raise MalformedError(field, message) from None
    except json.JSONDecodeError as error:
        # One facts object is one line, and its number is said elsewhere.
        where = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno}, column {error.colno}"
        field, message = "JSON", f"{error.msg} ({where})"
        raise MalformedError(field, message) from None
    except RecursionError:
        field, message = "JSON", "is nested too deeply"
        raise MalformedError(field, message) from None
    except ValueError:
        # Python refuses to read integers of thousands of digits.
        field, message = "JSON", "holds a number with too many digits"
        raise MalformedError(field, message) from None
    if doubled or constants:
        raise next(_located(value, {id(members): key for members, key in doubled}))
    return value


def _located(value: object, doubled: Mapping[int, str]) -> Iterator[MalformedError]:
    # A wrong value that a second one of the same key replaced has no path, but the object that held both has one.
    for path, member in _walk(value):
        if id(member) in doubled:
            yield MalformedError(key_path(path, doubled[id(member)]), "is given twice in the same object")
        if isinstance(member, _NotANumber):
            yield MalformedError(path or "JSON", "must be a JSON value, not NaN or an infinity")


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
    """Return the path of a key; an odd key is quoted, escaped and cut so that a message stays one short line."""
    plain = key.isidentifier() and key.isascii() and len(key) <= _SHOWN_KEY
    shown = key if plain else json.dumps(key[:_SHOWN_KEY])
    return f"{path}.{shown}" if path else shown


def as_object(value: object, path: str) -> dict[str, object]:
    """Return a JSON object.

    :raises MalformedError: it is something else.
    """
    if isinstance(value, dict):
        # A program may hand over what no JSON text can hold.
        for key in value:
            if not isinstance(key, str):
                raise MalformedError(path, "must have text keys")
        return value
    raise MalformedError(path, "must be a JSON object")


def as_array(value: object, path: str) -> list[object]:
    """Return a JSON array.

    :raises MalformedError: it is something else.
    """
    if isinstance(value, list):
        return value
    raise MalformedError(path, "must be a JSON array")


def as_text(value: object, path: str) -> str:
    """Return a text in NFC, so that composed and decomposed accents are the same answer.

    :raises MalformedError: it is something else, or holds half of a surrogate pair.
    """
    if not isinstance(value, str):
        raise MalformedError(path, "must be a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise MalformedError(path, "holds half of a surrogate pair") from None
    return unicodedata.normalize("NFC", value)


def as_code(value: object, path: str) -> str:
    """Return a text that is not blank.

    :raises MalformedError: see `as_text`; or the text is blank.
    """
    text = as_text(value, path)
    if not text.strip():
        raise MalformedError(path, "must not be blank")
    return text


def as_day(value: object, path: str) -> date:
    """Return a day written `YYYY-MM-DD`, and no other way.

    :raises MalformedError: it is something else, or a day that the calendar lacks.
    """
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise MalformedError(path, "must be a day of the calendar written YYYY-MM-DD")


def as_flag(value: object, path: str) -> bool:
    """Return true or false.

    :raises MalformedError: it is something else, 0 and 1 included.
    """
    if value is True or value is False:
        return value
    raise MalformedError(path, "must be true or false")


def as_count(value: object, path: str) -> int:
    """Return an integer of 0 or more.

    :raises MalformedError: it is something else, true, false and floats included.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise MalformedError(path, "must be an integer, 0 or more")


def as_choice[Choice: StrEnum](choices: type[Choice], value: object, path: str) -> Choice:
    """Return the member of `choices` with this code.

    :raises MalformedError: no member has it.
    """
    if isinstance(value, str):
        try:
            return choices(value)
        except ValueError:
            pass
    raise MalformedError(path, f"must be one of {', '.join(choice.value for choice in choices)}")


def required(values: Mapping[str, object], key: str, path: str) -> object:
    """Return the value of a key that must be there.

    :raises MalformedError: it is not.
    """
    try:
        return values[key]
    except KeyError:
        raise MalformedError(key_path(path, key), "is missing") from None


def refuse_unknown(values: Mapping[str, object], known: Collection[str], path: str) -> None:
    """Refuse a key that the contract does not name.

    :raises MalformedError: naming the first such key.
    """
    for key in values:
        if key not in known:
            raise MalformedError(key_path(path, key), "is not a known key here")
