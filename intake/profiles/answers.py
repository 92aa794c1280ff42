"""Convert answers between Python values and their JSON form. Pure.

A missing answer is None in JSON; an empty text is a missing answer. Days are ISO texts (`1998-05-04`).
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

DAYS: Final = frozenset({"birth_date", "quebec_resident_since"})
YES_NO: Final = frozenset({"resident_for_health_insurance", "resident_for_tax"})
TEXTS: Final = frozenset(
    {
        "first_name",
        "last_name",
        "phone",
        "address_line",
        "city",
        "province",
        "postal_code",
        "legal_status",
        "domicile_province",
    }
)
KEYS: Final = DAYS | YES_NO | TEXTS


def encode_answers(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return Python values in their JSON form."""
    return {key: _encode(value) for key, value in values.items()}


def _encode(value: Any) -> Any:
    if value is None or value == "":
        return None
    return value.isoformat() if isinstance(value, dt.date) else value


def decode_answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored answers as Python values: ISO texts of `DAYS` as dates, other values unchanged.

    :raises ValueError: if a day is not an ISO text.
    """
    return {
        key: dt.date.fromisoformat(value) if key in DAYS and isinstance(value, str) and value else value
        for key, value in answers.items()
    }
