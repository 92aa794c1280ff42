"""The part of docs/controls.md that is written by the runner: the table of the controls, and the raw lines of a run."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.controls.control import Control
from tests.controls.table import GROUPS
from tests.mutants.changes import apart

PAGE: Final = Path(__file__).parents[2] / "docs" / "controls.md"
_START: Final = "\n## The controls\n"
_RAW: Final = re.compile(r"^(?:killed|survived) +[\d.]+ s  (?P<name>.+?)  (?P<told>.*)$", re.MULTILINE)
KILLED: Final = "killed"


def lines_of(page: str) -> dict[str, str]:
    """Return the raw line of each control, by its name."""
    return {found["name"]: found[0] for found in _RAW.finditer(page)}


def rewritten(page: str, lines: Mapping[str, str]) -> str:
    """Return the page with the current table, and the raw lines of its controls."""
    parts = [page.partition(_START)[0], _START]
    for title, controls in GROUPS.items():
        parts += [f"\n### {title}\n\n", "| control | where | removed by | tests |\n|---|---|---|---|\n"]
        parts += [_row(control) for control in controls]
        parts += ["\n```text\n", *(f"{lines.get(control.name, '')}\n" for control in controls), "```\n"]
    return "".join(parts)


def _row(control: Control) -> str:
    before, after = apart(control.text, control.instead)
    tests = "<br>".join(control.tests)
    return f"| {control.name} | `{control.path}` | {_code(before)} → {_code(after)} | {tests} |\n"


def _code(text: str) -> str:
    """Return code for a cell of a table: as HTML, because it may contain the signs of a table and of code."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "&#124;").replace("`", "&#96;")
    return "nothing" if text == "nothing" else f"<code>{plain}</code>"
