"""One security control, and how to remove it from a copy of the repository."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Control:
    """What protects the portal, the text of the code that does it, and the tests that need it."""

    name: str
    """What holds while the control is there, in one short sentence."""
    path: str
    """File of the control, from the root of the repository."""
    text: str
    """Text that does it. It occurs once in the file: with its neighbours if it would not."""
    instead: str
    """Text in its place without the control; the file stays valid."""
    tests: tuple[str, ...]
    """Tests that fail without the control: `path::name`, with all the parameters of the name."""

    @property
    def makes_the_database(self) -> bool:
        """True if the migrations read the file: the tests then need a database that they create."""
        return self.path.endswith((".sql", "journal/privileges.py", "accounts/roles.py"))

    def removed_from(self, source: str) -> str:
        """Return the text of the file without the control.

        :raises ValueError: if the text of the control is not there exactly once.
        """
        found = source.count(self.text)
        if found != 1:
            message = f"{self.path} has the text of « {self.name} » {found} times: {self.text!r}"
            raise ValueError(message)
        return source.replace(self.text, self.instead)


@contextmanager
def removed(control: Control, tree: Path) -> Iterator[None]:
    """Remove a control from a copy of the repository for the duration of a block."""
    file = tree / control.path
    source = file.read_text(encoding="utf-8")
    file.write_text(control.removed_from(source), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(source, encoding="utf-8")
