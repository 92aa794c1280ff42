"""Parser of `access.txt`, which declares the access matrix."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house.world import PEOPLE, UNCHECKED

DECLARED_IN = Path(__file__).with_name("access.txt")
FACTOR = "factor"
"""Outcome: sent to the check of the second factor, and back here afterwards."""
REFUSALS = frozenset({"door", FACTOR, "403", "404"})
VISITORS = (*PEOPLE, UNCHECKED)
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


class MatrixUnreadable(Exception):
    """A row of the matrix cannot be parsed, or declares an address and method again."""


@dataclass(frozen=True)
class Line:
    """The declared outcome per person for one address (with its variant) and one method."""

    route: str
    variant: str
    method: str
    outcomes: dict[str, str]

    def outcome(self, visitor: str, address: str) -> str:
        """Return the outcome for a visitor. No file declares that of staff without a checked second factor.

        They get nothing below /admin/, whatever is there, and elsewhere what staff get.
        """
        if visitor != UNCHECKED:
            return self.outcomes[visitor]
        return FACTOR if address.startswith("/admin/") else self.outcomes["staff"]


def declared() -> list[Line]:
    """Return every line of the matrix.

    :raises MatrixUnreadable: if a row cannot be parsed or repeats another; the message names the row.
    """
    lines: dict[tuple[str, str, str], Line] = {}
    text = DECLARED_IN.read_text(encoding="utf-8").replace("\\\n", " ")
    for number, row in enumerate(text.splitlines(), 1):
        if row.strip() and not row.startswith("#"):
            for line in _read(row):
                key = (line.route, line.variant, line.method)
                if key in lines:
                    message = f"{DECLARED_IN.name}, row {number}: {key} is there twice"
                    raise MatrixUnreadable(message)
                lines[key] = line
    return list(lines.values())


def _read(row: str) -> Iterator[Line]:
    address, methods, *outcomes = row.split()
    if len(outcomes) != len(PEOPLE) or outcomes[0] == "=":
        message = f"{DECLARED_IN.name}: one outcome for each of {', '.join(PEOPLE)}, not « {row} »"
        raise MatrixUnreadable(message)
    for place, outcome in enumerate(outcomes):
        if outcome == "=":
            outcomes[place] = outcomes[place - 1]
    for name in _expanded(address):
        route, _at, variant = name.partition("@")
        for method in methods.split(","):
            yield Line(route, variant, method, dict(zip(PEOPLE, outcomes, strict=True)))


def _expanded(text: str) -> list[str]:
    found = _BRACES.search(text)
    if found is None:
        return [text]
    before, after = text[: found.start()], text[found.end() :]
    return [name for choice in found[1].split(",") for name in _expanded(before + choice + after)]
