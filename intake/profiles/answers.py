"""Convert answers between Python values and their JSON form. Pure.

A missing answer is None in JSON, and so is an empty text. A day is an ISO text (`1998-05-04`), or raises ValueError.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.db import models
from phonenumber_field.phonenumber import PhoneNumber

from intake.profiles.fields import stored_phone
from intake.profiles.models import Profile

_COLUMNS: Final = {
    column.name: column for column in Profile._meta.fields if column.name not in {"id", "user", "updated_at"}
}
KEYS: Final = frozenset(_COLUMNS)
"""Answers that a profile stores, each in the column of its name."""
_DAYS: Final = frozenset(key for key, column in _COLUMNS.items() if isinstance(column, models.DateField))


def encode_answers(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return Python values in their JSON form."""
    return {key: _encode(value) for key, value in values.items()}


def _encode(value: Any) -> Any:
    if isinstance(value, PhoneNumber):
        return stored_phone(value)
    if value is None or value == "":
        return None
    return value.isoformat() if isinstance(value, dt.date) else value


def decode_answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored answers as Python values: days of a profile as dates, other values unchanged."""
    return {
        key: dt.date.fromisoformat(value) if key in _DAYS and isinstance(value, str) and value else value
        for key, value in answers.items()
    }


def profile_values(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored answers as values of a profile's columns: a missing text is empty, an unknown key is left out."""
    known = decode_answers({key: value for key, value in answers.items() if key in KEYS})
    return {key: "" if value is None and not _COLUMNS[key].null else value for key, value in known.items()}
