"""Characters of the glyphs of a rendered PDF: every glyph has one, and no character is an empty box (PDF/UA-1, 7.21).

WeasyPrint gives all characters of a cluster to its last glyph, and none to the others. So a letter whose font composes
its accent was read twice, or had no character, and of a digit in a key nothing was left.
"""

import io
import unicodedata
from functools import cached_property
from typing import Any

from fontTools.ttLib import TTFont
from weasyprint.text.fonts import get_hb_object_data

_NO_CHARACTER = "\u200b"  # zero width space


def missing_characters(document: Any) -> set[int]:
    """Return the code points of `document` that no font has. Call it after the PDF was generated."""
    return {code for font in document.fonts.values() for code in font.missing}


def map_every_glyph(document: Any, pdf: Any) -> None:
    """Give each glyph of `pdf` its own characters. Call it before the PDF is written."""
    fonts = {font.name: font for font in document.fonts.values()}
    for node in pdf.objects:
        if isinstance(node, dict) and node.get("Type") == "/Font" and "ToUnicode" in node:
            stream = pdf.objects[int(node["ToUnicode"].split()[0])]
            given = {place: pair for place, line in enumerate(stream.stream) if (pair := _mapping(line))}
            if any(
                not text or len(unicodedata.normalize("NFD", text)) > 1 for _glyph, text in given.values()
            ):
                whole = _Whole(fonts[node["BaseFont"]])
                for place, (glyph, text) in given.items():
                    said = whole.own_text(glyph, text).encode("utf-16-be").hex()
                    stream.stream[place] = f"<{glyph:04x}> <{said}>".encode()


def _mapping(line: Any) -> tuple[int, str] | None:
    """Return the glyph and the text of a line of a mapping, `<0041> <0061>`; None if `line` is another."""
    if not isinstance(line, bytes) or not line.startswith(b"<") or b"> <" not in line:
        return None
    glyph, _mark, text = line[1:-1].partition(b"> <")
    return int(glyph, 16), bytes.fromhex(text.decode()).decode("utf-16-be")


class _Whole:
    """A font before its unused glyphs were removed: which characters its glyphs have."""

    def __init__(self, font: Any) -> None:
        self._font = TTFont(io.BytesIO(get_hb_object_data(font.hb_face)), fontNumber=font.index, lazy=True)
        self._named = {
            name: chr(code)
            for code, name in sorted(self._font.getBestCmap().items(), reverse=True)
            if unicodedata.category(chr(code)) != "Co"  # private numbers of a font mean nothing elsewhere
        }
        self._names = self._font.getGlyphOrder()

    def own_text(self, glyph: int, given: str) -> str:
        """Return the text of `glyph`, of which WeasyPrint says `given`."""
        own = self._named.get(self._names[glyph], "") if glyph < len(self._names) else ""
        # Of a cluster, the last glyph has the characters of all. It keeps its own, the others have theirs again.
        if own and (own in given or own in unicodedata.normalize("NFD", given)):
            return own
        return given or own or self._parts.get(self._names[glyph], _NO_CHARACTER)

    @cached_property
    def _parts(self) -> dict[str, str]:
        """Characters of each ligature."""
        found: dict[str, str] = {}
        for lookup in self._font["GSUB"].table.LookupList.Lookup if "GSUB" in self._font else ():
            for table in lookup.SubTable:
                for first, made in getattr(getattr(table, "ExtSubTable", table), "ligatures", {}).items():
                    for ligature in made:
                        parts = [self._named.get(name, "") for name in (first, *ligature.Component)]
                        if all(parts):
                            found.setdefault(ligature.LigGlyph, "".join(parts))
        return found
