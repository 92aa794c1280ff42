"""Parser of the grid: the competencies that the offer looks for, each REQUIRED or an ASSET."""

import re
from collections.abc import Iterable, Iterator

from offers.blocks import Block, BulletList, Item

from .lines import fold
from .parts import GridText
from .sections import paragraphs_of

_WELCOME = re.compile(
    r"\batouts?\b|\bsouhaitables?\b|\bsouhaitee?s?\b"
    r"|\b(?:est|sera|serait|constitue|constituerait|comme) un (?:plus|avantage)\b"
)
# In brackets, these texts make the complete line an asset; a longer text in brackets is another grid line.
_ONLY_WELCOME = re.compile(
    r"\((?:(?:c'est|ce serait|constitue|serait)? ?(?:un |comme un )?(?:atout|plus|avantage)|souhaitable)\)"
)
_BRACKETS = re.compile(r"\s*\((?P<inside>[^()]+)\)")
_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-ÖØ-Þ«])|\s*;\s+(?=\S)")
_NOTE = re.compile(r"^(?:notes?|n\.? ?b\.?|remarque|a noter)\b")
_LOOSE_END = " \u00a0\u202f;,"


def read_grid(blocks: Iterable[Block]) -> tuple[GridText, ...]:
    """Return the grid lines of a section on skills and experience, in order."""
    return tuple(_lines_of(blocks))


def _lines_of(blocks: Iterable[Block]) -> Iterator[GridText]:
    under_welcome = False
    for block in blocks:
        if isinstance(block, BulletList):
            for item in block.items:
                yield from _of_item(item, welcome=under_welcome)
            continue
        for text in paragraphs_of(block):
            under_welcome = text.endswith(":") and _is_welcome(text)
            if not text.endswith(":") and not _NOTE.match(fold(text)):
                yield from _split(text)


def _of_item(item: Item, *, welcome: bool) -> Iterator[GridText]:
    """Yield the grid lines of an item. Nested items complete it, except assets nested under a required item."""
    below = [nested.text for nested in BulletList(item.children).walk()]
    if welcome or (_is_welcome(item.text) and item.text.rstrip().endswith(":")):
        yield _line(" ".join([item.text, *below]), "ASSET")
        return
    asked = [text for text in below if not _is_welcome(text)]
    joined = "\u00a0; ".join(text.rstrip(_LOOSE_END) for text in asked)
    yield from _split(f"{item.text} {joined}" if joined else item.text, is_one=bool(joined))
    yield from (_line(text, "ASSET") for text in below if _is_welcome(text))


def _split(text: str, *, is_one: bool = False) -> Iterator[GridText]:
    """Yield one line, or several if one part of the text is required and another is an asset."""
    if not _is_welcome(text):
        yield _line(text, "REQUIRED")
        return
    pieces = [text] if is_one else _pieces(text)
    asked = [piece for piece in pieces if not _is_welcome(piece)]
    if asked:
        yield _line(" ".join(_closed(piece) for piece in asked), "REQUIRED")
    yield from (_line(piece, "ASSET") for piece in pieces if _is_welcome(piece))


def _pieces(text: str) -> list[str]:
    brackets = _BRACKETS.search(text)
    if brackets and _is_welcome(brackets["inside"]) and not _ONLY_WELCOME.search(fold(text)):
        return [f"{text[: brackets.start()]}{text[brackets.end() :]}", brackets["inside"]]
    return [piece for piece in _ENDS.split(text) if piece.strip(_LOOSE_END + ".")]


def _closed(piece: str) -> str:
    """Return a piece with the semicolon at which it was split, unless it ends a sentence."""
    return piece if piece.endswith((".", "!", "?")) else f"{piece}\u00a0;"


def _is_welcome(text: str) -> bool:
    return bool(_WELCOME.search(fold(text)))


def _line(text: str, requirement: str) -> GridText:
    return GridText(text.strip().rstrip(_LOOSE_END), requirement)
