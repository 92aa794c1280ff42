"""Fast cleaning of the tests' database after a test that committed, in a few hundredths of a second.

Django truncates every table, which creates new files for each table and index, and then lets all apps write their
permissions and roles again: ten times the duration of most of these tests. Here only tables with rows are emptied,
and the rows that the apps wrote stay if no test changed them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections
from django.test import TransactionTestCase
from psycopg import sql

from intake.devtools.embedded.given import DatabaseUrls
from tests import database_roles

MANY = 1000
"""Rows of one table above which it is truncated: deleted rows slow down scans until the next vacuum."""
PATIENCE = "10s"
"""Time to wait for other writers. Django's own connection may have locked rows: then Django empties the database."""


class DatabaseCleaner:
    """Cleans one database repeatedly; Django cleans it the first time, to record the content of an empty one."""

    def __init__(self, address: str, *, keeps: bool = False) -> None:
        """With `keeps`, one connection serves until `close`: a new one reads the catalogues of all tables again."""
        self._address = address
        """Address of PostgreSQL's superuser: triggers of append-only tables reject a deletion by any other role."""
        self._keeps = keeps
        self._kept: psycopg.Connection[tuple[Any, ...]] | None = None
        self._written: dict[str, str] | None = None
        """Digest of each table that the apps fill themselves."""

    def empty(self) -> bool:
        """Empty the database. Return whether that was possible; if not, the caller uses Django's own method."""
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
        """Record the current content as that of an empty database."""
        with self._connect() as connection:
            self._written = _digests(connection, _filled(connection, _tables()))

    def close(self) -> None:
        """Close the connection, if it is open: PostgreSQL drops no database in use."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    @contextmanager
    def _connect(self) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
        """Commit the block. A test may have ended the connection that is kept: then there is a new one."""
        if self._kept is None or not _is_alive(self._kept):
            name = connections["default"].settings_dict["NAME"]
            self._kept = psycopg.connect(self._address, dbname=name, prepare_threshold=None)
        try:
            yield self._kept
            self._kept.commit()
        except BaseException:
            self.close()
            raise
        if not self._keeps:
            self.close()


def install_cleaner(urls: DatabaseUrls, *, keeps: bool) -> DatabaseCleaner:
    """Install a `DatabaseCleaner` after every test that commits; where it cannot, Django cleans as the owner."""
    emptier = DatabaseCleaner(urls.database_superuser, keeps=keeps)
    private = "_fixture_teardown"
    by_django: Any = getattr(TransactionTestCase, private)

    def tear_down(case: Any) -> None:
        usual = case.available_apps is None and not case.serialized_rollback
        if not (usual and emptier.empty()):
            database_roles.connect_as_owner(urls.database_owner)
            by_django(case)
            database_roles.connect_as_application(urls.database_superuser)
            emptier.remember()

    setattr(TransactionTestCase, private, tear_down)
    return emptier


_RESTART = """
DO $$
DECLARE
    key record;
    next_key bigint;
BEGIN
    FOR key IN
        SELECT link.objid::regclass AS sequence, link.refobjid::regclass AS of_table, attname AS of_column
        FROM pg_depend link
        JOIN pg_class ON pg_class.oid = link.objid AND relkind = 'S'
        JOIN pg_attribute ON attrelid = link.refobjid AND attnum = link.refobjsubid
        WHERE link.classid = 'pg_class'::regclass AND link.refclassid = 'pg_class'::regclass
            AND link.deptype IN ('a', 'i')
    LOOP
        EXECUTE format('SELECT coalesce(max(%I), 0) + 1 FROM %s', key.of_column, key.of_table) INTO next_key;
        EXECUTE format('ALTER SEQUENCE %s RESTART WITH %s', key.sequence, next_key);
    END LOOP;
END $$
"""


def restart_keys() -> None:
    """Number the next rows of each table from its last row, whatever earlier tests made; a rollback undoes it."""
    with database_roles.as_owner(), connections["default"].cursor() as cursor:
        cursor.execute(_RESTART)


def _is_alive(connection: "psycopg.Connection[tuple[Any, ...]]") -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _tables() -> list[str]:
    """Return the tables that Django empties."""
    return sorted(
        connections["default"].introspection.django_table_names(only_existing=True, include_views=False)
    )


def _lock(connection: "psycopg.Connection[tuple[Any, ...]]", tables: list[str]) -> bool:
    """Wait for other writers, as TRUNCATE does."""
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
