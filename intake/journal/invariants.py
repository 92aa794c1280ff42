"""What must hold of the rows whatever happens: each room says its own, `operations` asks all of them.

Most of it is refused by a constraint already. It is asked again because constraints can be dropped, rows restored from
elsewhere, and code be wrong where no constraint reaches.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.db import connection

from .models import Entry

_BATCH_SIZE: Final = 1000
"""Violations read from the database at a time."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """One sentence about the rows, by its name, and what finds the rows of which it is not true.

    `query` is one SQL statement whose only column names, as text, each row that breaks the sentence. It needs no
    privilege but SELECT. `setting` is what the server must have switched on to answer it, if anything.
    """

    name: str
    query: str
    setting: str = ""

    def is_answered(self) -> bool:
        """Tell whether this server, as it is set, can answer it."""
        if not self.setting:
            return True
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting(%s)::boolean", [self.setting])
            return bool(cursor.fetchone()[0])

    def violations(self) -> Iterator[str]:
        """Yield the name of each row that breaks the sentence; none where the server cannot answer."""
        if not self.is_answered():
            return
        with connection.cursor() as cursor:
            cursor.execute(self.query)
            while rows := cursor.fetchmany(_BATCH_SIZE):
                yield from (str(name) for (name,) in rows)


@dataclass(frozen=True, slots=True)
class StoredInvariant:
    """One sentence about files: whoever checks it reads them all, so that it is asked only where that is wanted."""

    name: str
    find: Callable[[], Iterator[str]]

    def violations(self) -> Iterator[str]:
        """Yield the name of each file that breaks the sentence."""
        yield from self.find()


INVARIANTS: Final = (
    Invariant(
        "a_journal_entry_is_of_the_past",
        # A transaction's instant: a clock set back is told here before it confuses anybody.
        f"SELECT id FROM {Entry._meta.db_table} WHERE at > clock_timestamp()",  # noqa: S608 -- our own table's name
    ),
)
