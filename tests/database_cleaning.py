"""The tests' database emptied after a test that committed, in a few hundredths of a second.

Django truncates every table, which makes a new file for each and for each of its indexes, and then has all the
applications write their permissions and roles again: ten times as long as most of these tests. Here the rows go, where
there are any, and what the applications had written stays as long as nobody changed it.
"""

from typing import Any

import psycopg
from django.db import connections
from django.test import TransactionTestCase
from psycopg import sql

MANY = 1000
"""Rows of one table after which it is better truncated: deleted, they would be read past until the next vacuum."""
PATIENCE = "10s"
"""How long to wait for whoever still writes. Django's connection itself may hold rows: it empties them without us."""


class DatabaseCleaner:
    """Empties one database again and again; the first time as Django does, to see what is there afterwards."""

    def __init__(self, address: str) -> None:
        self._address = address
        """PostgreSQL's, as its superuser: the triggers of the tables that only grow refuse a deletion to anybody."""
        self._written: dict[str, str] | None = None
        """A digest of each table that the applications fill themselves."""

    def empty(self) -> bool:
        """Empty the database, and tell whether that was possible; if it was not, Django's own way is."""
        if self._written is None:
            return False
        tables = _tables()
        with self._connect() as connection:
            if not _lock(connection, tables):
                connection.rollback()
                return False
            filled = _filled(connection, tables)
            if _digests(connection, filled & self._written.keys()) != self._written:
                return False
            connection.execute("SET LOCAL session_replication_role = replica")
            gone = [_delete(connection, table) for table in sorted(filled - self._written.keys())]
            if max(gone, default=0) > MANY:
                connection.rollback()
                return False
        return True

    def remember(self) -> None:
        """Take what the database holds for what an empty one does."""
        with self._connect() as connection:
            self._written = _digests(connection, _filled(connection, _tables()))

    def _connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        return psycopg.connect(self._address, dbname=connections["default"].settings_dict["NAME"])


def install_cleaner(address: str) -> None:
    """Let every test that commits be followed by an `Emptier` of the PostgreSQL at an address, its superuser's."""
    emptier = DatabaseCleaner(address)
    private = "_fixture_teardown"
    by_django: Any = getattr(TransactionTestCase, private)

    def tear_down(case: Any) -> None:
        usual = case.available_apps is None and not case.serialized_rollback
        if not (usual and emptier.empty()):
            by_django(case)
            emptier.remember()

    setattr(TransactionTestCase, private, tear_down)


def _tables() -> list[str]:
    """Return the tables that Django empties."""
    return sorted(
        connections["default"].introspection.django_table_names(only_existing=True, include_views=False)
    )


def _lock(connection: "psycopg.Connection[tuple[Any, ...]]", tables: list[str]) -> bool:
    """Wait for whoever still writes, as TRUNCATE does."""
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(PATIENCE))
    try:
        connection.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(names))
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def _filled(connection: "psycopg.Connection[tuple[Any, ...]]", tables: list[str]) -> set[str]:
    look = sql.SQL("(SELECT {} FROM {} LIMIT 1)")
    looks = sql.SQL(" UNION ALL ").join(
        look.format(sql.Literal(table), sql.Identifier(table)) for table in tables
    )
    return {name for (name,) in connection.execute(looks)}


def _digests(connection: "psycopg.Connection[tuple[Any, ...]]", tables: set[str]) -> dict[str, str]:
    digest = sql.SQL("SELECT md5(string_agg(t::text, '\n' ORDER BY t::text)) FROM {} t")
    found = {}
    for table in tables:
        row = connection.execute(digest.format(sql.Identifier(table))).fetchone()
        assert row is not None
        found[table] = row[0]
    return found


def _delete(connection: "psycopg.Connection[tuple[Any, ...]]", table: str) -> int:
    return connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table))).rowcount
