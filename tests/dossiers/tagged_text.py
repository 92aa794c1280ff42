"""The text of a tagged PDF in reading order, as a screen reader gets it: from its tags, not from positions.

The characters are those of ToUnicode or, where there is one, of the actual text.

`READING_RULES` are all the differences between a text and what is read that `reads` accepts.
"""

import io
import re
from collections.abc import Iterator
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary

READING_RULES: Final = (
    "A line end, of the page or of the text, stands for the space or the line feeds at which the text is cut.",
    "Where a word is longer than its line, a line end stands for nothing.",
    "All kinds of space are one: their glyphs are the same.",
    "A character that no font has reads as its number: [U+1F9FF].",
)

END: Final = "\x1f"
"""Marks the end of a drawn line, or of a part of it, in the text that is read."""
_WHITE: Final = " \t\n\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_SPACES = re.compile(f"[{_WHITE}]+")
_NO_GLYPH = b"\0\0"
_MAPPING = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]*)>")


def read_text(content: bytes) -> str:
    """Return the text of all tags of a PDF in reading order, with `END` after each piece that is drawn at once.

    :raises ValueError: if a character is drawn as an empty box.
    """
    with pikepdf.open(io.BytesIO(content)) as pdf:
        drawn = dict(_drawn(pdf))
        return "".join(_read(pdf.Root.StructTreeRoot.K, None, drawn))


def _read(kids: Any, page: Any, drawn: dict[Any, str]) -> Iterator[str]:
    for kid in kids if isinstance(kids, Array) else [kids]:
        if isinstance(kid, int):
            yield drawn.get((page, kid), "") + END
        elif isinstance(kid, Dictionary):
            here = kid.Pg.objgen if "/Pg" in kid else page
            if "/MCID" in kid:
                yield drawn.get((here, int(kid.MCID)), "") + END
            elif "/ActualText" in kid:
                yield str(kid.ActualText) + END
            elif "/K" in kid:
                yield from _read(kid.K, here, drawn)


def _drawn(pdf: pikepdf.Pdf) -> Iterator[tuple[Any, str]]:
    """Yield the text of each marked content, by page and number."""
    maps: dict[Any, dict[bytes, str]] = {}
    for page in pdf.pages:
        font: dict[bytes, str] = {}
        marks: list[tuple[int | None, str | None]] = []
        texts: dict[int, str] = {}
        for instruction in pikepdf.parse_content_stream(page):
            operator, operands = str(instruction.operator), instruction.operands
            if operator in {"BDC", "BMC"}:
                marks.append(_mark(operands))
            elif operator == "EMC":
                number, actual = marks.pop()
                if number is not None and actual is not None:
                    texts[number] = actual
            elif operator == "Tf":
                used = page.resources.Font[str(operands[0])]
                if used.objgen not in maps:
                    maps[used.objgen] = _characters(used)
                font = maps[used.objgen]
            elif operator in {"Tj", "TJ"}:
                number = next((mark for mark, _actual in reversed(marks) if mark is not None), None)
                if number is not None:
                    texts[number] = texts.get(number, "") + _shown(operands[0], font)
        yield from (((page.obj.objgen, number), text) for number, text in texts.items())


def _mark(operands: Any) -> tuple[int | None, str | None]:
    properties = operands[1] if len(operands) > 1 and isinstance(operands[1], Dictionary) else Dictionary()
    number = int(properties["/MCID"]) if "/MCID" in properties else None
    return number, str(properties["/ActualText"]) if "/ActualText" in properties else None


def _characters(font: pikepdf.Object) -> dict[bytes, str]:
    """Return the text of each code of a font, all of two bytes."""
    listed = font.ToUnicode.read_bytes().partition(b"endcodespacerange")[2]
    return {
        bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be")
        for code, text in _MAPPING.findall(listed)
    }


def _shown(operand: Any, font: dict[bytes, str]) -> str:
    parts = operand if isinstance(operand, Array) else [operand]
    strings = [bytes(part) for part in parts if isinstance(part, pikepdf.String)]
    codes = [one[start : start + 2] for one in strings for start in range(0, len(one), 2)]
    if _NO_GLYPH in codes:
        message = f"a box is drawn instead of a character, in {[font.get(code) for code in codes]}"
        raise ValueError(message)
    return "".join(font.get(code, "\ufffd") for code in codes)


def place_of(text: str, read: str, *, after: int = 0, at_once: bool = False) -> int | None:
    """Return where `text` ends in what is `read`, from `after`, by `READING_RULES`; None if it is not there.

    With `at_once` nothing but line ends may come before it.
    """
    pieces = [
        f"[{END}{_WHITE}]+"
        if _SPACES.fullmatch(char)
        else f"(?:{re.escape(char)}|{re.escape(f'[U+{ord(char):04X}]')})"
        for char in _SPACES.sub(" ", text)
    ]
    pattern = re.compile(f"{END}*".join(pieces) + f"(?={END})")
    found = pattern.match(read, _skip(read, after)) if at_once else pattern.search(read, after)
    return found.end() if found else None


def _skip(read: str, start: int) -> int:
    while start < len(read) and (read[start] == END or _SPACES.match(read[start])):
        start += 1
    return start
