"""Whole numbers as a browser sends them and as people read them."""

from typing import Final

from django.utils.translation import get_language

_DIGITS: Final = 18
"""The most of which every number is a key that the database can have (a bigint)."""


def posted_number(text: str) -> int | None:
    """Return the number in `text`. None unless it has 1 to 18 ASCII digits, and nothing else.

    `str.isdecimal` and `int` do not suffice: Python refuses to read a number of more than 4,300 digits.
    """
    is_number = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return int(text) if is_number else None


class WrittenNumber(int):
    """Whole number that every template and text writes with a thousands separator: `15 000`, `15,000`.

    It still counts as an integer, as the counter of `blocktranslate` and of a lazy plural must.
    """

    def __str__(self) -> str:
        grouped = f"{int(self):,}"
        return grouped if (get_language() or "").startswith("en") else grouped.replace(",", "\u00a0")
