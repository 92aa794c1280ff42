"""Whole numbers that a browser sends in a field of a form or in an address."""

from typing import Final

_DIGITS: Final = 18
"""The most of which every number is a key that the database can have (a bigint)."""


def posted_number(text: str) -> int | None:
    """Return the number in `text`. None unless it has 1 to 18 ASCII digits, and nothing else.

    `str.isdecimal` and `int` do not suffice: Python refuses to read a number of more than 4,300 digits.
    """
    is_number = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return int(text) if is_number else None
