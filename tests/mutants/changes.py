"""One change, in Python, in a template or in the database."""

import bisect
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

SHOWN = 100
"""Characters of a changed piece that are displayed."""
_BEFORE = 40
"""How many of them precede the change."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file, or of one rule of the database."""

    path: str
    """Path of the file, from the root of the repository; for a rule of the database, of the file that writes it."""
    place: str
    """Name of the function, template tag or database rule that is changed."""
    line: int
    """First line of the change, counted from 1."""
    before: str
    after: str
    start: int = 0
    """Offset of the changed piece in the file, in bytes."""
    end: int = 0
    text: str = ""
    """New text of the piece; for a rule of the database, the SQL that changes it."""
    words: tuple[str, ...] = ()
    """Names by which a test may refer to a rule of the database."""

    @property
    def name(self) -> str:
        """Name in docs/mutants.md, which does not depend on the lines before it."""
        return f"{self.path}, {self.place}: {self.before} → {self.after}"

    @property
    def is_sql(self) -> bool:
        """True if it is applied to the database, not to a file."""
        return bool(self.words)

    def applied(self, source: str) -> str:
        """Return the file's text with the change."""
        encoded = source.encode()
        return (encoded[: self.start] + self.text.encode() + encoded[self.end :]).decode()


def numbered(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """Number the mutants of one file that have the same name."""
    seen: Counter[str] = Counter()
    for mutant in mutants:
        seen[mutant.name] += 1
        count = seen[mutant.name]
        yield replace(mutant, after=f"{mutant.after} ({count})") if count > 1 else mutant


def short(text: str) -> str:
    """Return a piece of code on one line, cut off at the end if it is long."""
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def apart(before: str, after: str) -> tuple[str, str]:
    """Return two pieces of code on one line each, cut, if they are long, around their difference."""
    before, after = " ".join(before.split()), " ".join(after.split())
    if max(len(before), len(after)) <= SHOWN:
        return before, after or "nothing"
    pairs = enumerate(zip(before, after, strict=False))
    differs = next((place for place, (old, new) in pairs if old != new), min(len(before), len(after)))
    start = max(0, differs - _BEFORE)
    cut = tuple(("…" if start else "") + short(text[start:]) for text in (before, after))
    return cut[0], cut[1] or "nothing"


class Lines:
    """Converts positions in a text: bytes from its start, lines from 1, characters."""

    def __init__(self, text: str) -> None:
        encoded = text.encode()
        self._starts = [0, *(index + 1 for index, byte in enumerate(encoded) if byte == ord("\n"))]
        self._text = text

    def offset(self, line: int, column: int) -> int:
        """Return the offset, in bytes, of a column of a line."""
        return self._starts[line - 1] + column

    def line(self, offset: int) -> int:
        """Return the line of an offset."""
        return bisect.bisect_right(self._starts, offset)

    def bytes_before(self, characters: int) -> int:
        """Return the number of bytes of the first characters."""
        return len(self._text[:characters].encode())
