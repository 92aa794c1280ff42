"""Splitting of a text into sentences."""

import re

_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-ÖØ-Þ«])")
_MARK = re.compile(r"^(?:\d{1,2}|[a-z])[.)]\s+", re.IGNORECASE)


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a paragraph or an item, without the number at the start of an item."""
    return _ENDS.split(without_mark(text))


def without_mark(text: str) -> str:
    """Return an item without the number or letter in front of it: `1.`, `a)`."""
    return _MARK.sub("", text)
