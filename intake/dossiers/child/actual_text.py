"""Write with a drawn text its characters in reading order, where its glyphs do not tell them (ISO 32000-1, 14.9.4).

The glyphs of a line are drawn from left to right: without this, Arabic or Hebrew is read backwards. A joiner or a
ligature has no glyph of its own.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydyf
from weasyprint.pdf.stream import Stream

_TOLD_BY_GLYPHS = re.compile(
    "(?:\U0001f3f4[\U000e0020-\U000e007f]+"
    "|[\\s\u0021-\u00ff\u0152\u0153\u0178\u2013\u2014\u2018-\u201e\u2022\u2026\u20ac\U00010000-\U0001f3fa\U0001f400-\U000dffff])*"
)
"""Letters of French, punctuation, emoji: one glyph each, drawn in reading order. Fonts compose some of the others.

An emoji with a skin tone (U+1F3FB to U+1F3FF) has the glyph of the one without.

Tags make a flag with the black one before them (UTS 51, ED-14a); after another character they have no glyph.

An emoji alone needs no actual text, from which Chromium would drop it.
"""
_FROM_THE_RIGHT = {"R", "AL", "AN"}


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
    """True if the glyphs of `text`, in the order in which they are drawn, do not tell its characters."""
    from_the_right = any(unicodedata.bidirectional(char) in _FROM_THE_RIGHT for char in text)
    return from_the_right or not _TOLD_BY_GLYPHS.fullmatch(text)
