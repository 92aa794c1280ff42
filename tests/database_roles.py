"""The database role of the tests' connections: the application's, as in production.

The tests log in as PostgreSQL's superuser and at once give themselves the session of the application's role: all its
privileges and no other, so what the role may not do fails. Only that login lets a test prepare, inside its own
transaction, what only the owner of the tables can write: see `as_owner`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections
from django.db.backends.signals import connection_created
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from psycopg.pq import TransactionStatus

from intake.settings import services

APPLICATION = "intake_app"
OWNER = "intake_owner"


def connect_as_application(superuser: str) -> None:
    """Let every later connection of Django serve as the application's role; `superuser` is the address to log in."""
    connections["default"].close()
    log_in(superuser)
    connection_created.connect(_become_application)


def connect_as_owner(owner: str) -> None:
    """Let later connections log in as the owner, as migrations do; `owner` is its address."""
    connection_created.disconnect(_become_application)
    connections["default"].close()
    log_in(owner)


def log_in(address: str) -> None:
    """Set the role, password, host and port of Django's connection from an address; keep the name of the database."""
    found = services.database(address)
    for key in ("USER", "PASSWORD", "HOST", "PORT"):
        connections["default"].settings_dict[key] = found[key]


@contextmanager
def as_owner() -> Iterator[None]:
    """Execute the block's statements as the owner of the tables, for rows that the application cannot write itself."""
    connection.ensure_connection()
    before = connection.connection.info.parameter_status("session_authorization")
    _become(connection, OWNER)
    try:
        yield
    finally:
        # A transaction that failed rolls the role back too.
        if connection.connection.info.transaction_status != TransactionStatus.INERROR:
            _become(connection, before)


@contextmanager
def without_triggers(*tables: str) -> Iterator[CursorWrapper]:
    """Yield the owner's cursor while the triggers of `tables` are disabled, to write what the portal never writes."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # PostgreSQL alters no table with pending checks
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _become_application(*, connection: Any, **_signal: Any) -> None:
    _become(connection, APPLICATION)


def _become(on: Any, role: str) -> None:
    with on.cursor() as cursor:
        cursor.execute(f'SET SESSION AUTHORIZATION "{role}"')


def write_despite_rules(rows: QuerySet[Any], **values: object) -> None:
    """Write into `rows`, in a test's transaction, what the triggers of their table refuse: another day, a state."""
    table = rows.model._meta.db_table
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        rows.update(**values)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
