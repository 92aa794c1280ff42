"""Invariants of the stored rows: one query a file of `<app>/sql/invariants/`. `operations` checks all of them.

A constraint already enforces most of them. They are checked as well because a constraint can be dropped, rows can be
restored from elsewhere, and code can be wrong where no constraint applies.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import connection

_BATCH_SIZE: Final = 1000  # rows fetched from the database at a time


@dataclass(frozen=True, slots=True)
class Invariant:
    """A named statement about rows, and the query that finds the rows that violate it.

    `query` has a single text column, the name of each violating row, and needs no privilege but SELECT. `setting` is a
    server setting that must be on for the query to work; empty if none is needed.
    """

    name: str
    query: str
    setting: str = ""

    def is_answered(self) -> bool:
        """True if this server's settings allow the query."""
        if not self.setting:
            return True
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting(%s)::boolean", [self.setting])
            return bool(cursor.fetchone()[0])

    def violations(self) -> Iterator[str]:
        """Yield the name of each violating row; nothing if the server cannot run the query."""
        if not self.is_answered():
            return
        with connection.cursor() as cursor:
            cursor.execute(self.query)
            while rows := cursor.fetchmany(_BATCH_SIZE):
                yield from (str(name) for (name,) in rows)


@dataclass(frozen=True, slots=True)
class StoredInvariant:
    """A named statement that Python checks: about stored files, all of which it reads, or about rows."""

    name: str
    violations: Callable[[], Iterator[str]]
    """Yields the name of each violating file or row."""


def invariants_in(app: str) -> tuple[Invariant, ...]:
    """Return the invariants of the application `app`, each named after its file.

    A first line `-- setting: NAME` names the server setting that the query needs.
    """
    invariants = []
    for file in sorted((Path(__file__).parents[1] / app / "sql" / "invariants").glob("*.sql")):
        query = file.read_text(encoding="utf-8")
        setting = re.match(r"-- setting: (\w+)\n", query)
        invariants.append(Invariant(file.stem, query, setting[1] if setting else ""))
    return tuple(invariants)
