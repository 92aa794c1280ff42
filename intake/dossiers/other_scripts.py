"""Fonts of the scripts that the fonts of the style sheet lack. A page loads only the parts that have its characters."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

_EAST_ASIAN: Final = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_FAMILIES: Final = {
    "noto-sans-devanagari": "\u0900-\u097f",
    "noto-sans-kr": "\u3131-\u318e\uac00-\ud7a3",
    "noto-sans-sc": _EAST_ASIAN,
    "noto-sans-jp": _EAST_ASIAN,
}
"""Ranges of characters to draw with each family. A family takes what those before it lack: Chinese before Japanese."""
_ANY: Final = re.compile(f"[{''.join(dict.fromkeys(_FAMILIES.values()))}]")


def fonts_for(text: str) -> dict[str, Path]:
    """Return the font files that have the characters of these scripts in `text`, by file name.

    Empty for most pages. A character that no family has is left out: its number is printed.
    """
    missing = set(_ANY.findall(text))
    found: dict[str, Path] = {}
    for family, ranges in _FAMILIES.items():
        wanted = {ord(char) for char in missing if re.match(f"[{ranges}]", char)}
        for path, codes in _parts(family) if wanted else ():
            if wanted & codes:
                found[path.name] = path
                missing -= {chr(code) for code in wanted & codes}
    return found


def style_of(names: list[str]) -> str:
    """Return the rules that load these files: a family each, which a page uses for what its own families lack."""
    return "".join(
        f'@font-face{{font-family:"{name.partition(".")[0]}";src:url("asset:{name}") format("woff2")}}'
        for name in names
    )


@cache
def _parts(family: str) -> list[tuple[Path, frozenset[int]]]:
    """Return the files of a family, each with the characters that its package says it has."""
    package = settings.NODE_MODULES / "@fontsource-variable" / family
    try:
        parts = json.loads((package / "unicode.json").read_bytes())
    except FileNotFoundError:  # an installation without the front-end libraries prints numbers
        return []
    return [
        (package / "files" / f"{family}-{name.strip('[]')}-wght-normal.woff2", _codes(ranges))
        for name, ranges in parts.items()
    ]


def _codes(ranges: str) -> frozenset[int]:
    """Return the code points of CSS ranges, such as `U+4e00-4e0f,U+5f20`."""
    ends = (part.strip()[2:].split("-") for part in ranges.split(","))
    return frozenset(code for one in ends for code in range(int(one[0], 16), int(one[-1], 16) + 1))
