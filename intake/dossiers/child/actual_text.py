"""Write with a drawn text its characters in reading order, where its glyphs do not tell them (ISO 32000-1, 14.9.4).

The glyphs of a line are drawn from left to right: without this, Arabic or Hebrew is read backwards. A joiner or a
ligature has no glyph of its own.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydyf  # type: ignore[import-untyped]  # -- pydyf ships no types
from weasyprint.pdf.stream import Stream

_TOLD_BY_GLYPHS = re.compile("[\\s\u0021-\u024f\u2010-\u2027\u2030-\u203a\u20ac\u2122]*")
"""Latin letters, figures and punctuation: one glyph each, drawn in reading order."""
_FROM_THE_RIGHT = {"R", "AL", "AN"}
_LAST_OF_TWO_BYTES = "\uffff"


@contextmanager
def written_with_text() -> Iterator[None]:
    """Write the actual text of the texts that are drawn in this block, where they need it."""
    marked = Stream.marked

    @contextmanager
    def marked_with_text(stream: Any, box: Any, tag: str) -> Iterator[None]:
        with marked(stream, box, tag):
            text = getattr(box, "text", "")
            if needs_text(text):
                properties = next(item for item in reversed(stream.stream) if isinstance(item, dict))
                properties["ActualText"] = pydyf.String(text)
            yield

    Stream.marked = marked_with_text
    try:
        yield
    finally:
        Stream.marked = marked


def needs_text(text: str) -> bool:
    """True if the glyphs of `text`, in the order in which they are drawn, do not tell its characters.

    Not for an emoji among letters that are read from the left: Chromium drops it from an actual text, and its glyph
    tells it.
    """
    if _TOLD_BY_GLYPHS.fullmatch(text):
        return False
    if any(unicodedata.bidirectional(char) in _FROM_THE_RIGHT for char in text):
        return True
    return max(text) <= _LAST_OF_TWO_BYTES
