"""Statements that the server plans once for each connection, and their rows as models.

For key lookups, planning dominates the time of PostgreSQL. Django sends each statement whole, with
its values in the text. Here psycopg prepares it the first time, and then sends its name and the values. PgBouncer
follows such statements to whatever session it gives: see `deploy/pgbouncer.ini`.

For the statements of the busiest requests: a text that never changes, whose parameters have types that the server can
tell, and that names each column of its result, so that a migration that adds one leaves the kept plan valid.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, override

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model


class _PreparingCursor(psycopg.Cursor[Any]):
    @override
    def execute(self, query: Any, params: Any = None, **_options: Any) -> "_PreparingCursor":
        self.connection.prepare_threshold = _NEVER
        return super().execute(query, params, prepare=True)


_NEVER: Final = sys.maxsize
"""Times that a statement is sent before psycopg prepares it by itself. With None, as Django sets it, it never would."""


def prepared_cursor() -> CursorWrapper:
    """Return a cursor of Django's connection whose statements are prepared. A context manager, as Django's own."""
    cursor = connection.cursor()
    cursor.cursor = _PreparingCursor(connection.connection)
    return cursor


def fetch_one(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> tuple[Any, ...]:
    """Run a prepared statement, and return the first row of its result; empty if there is none."""
    with prepared_cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone() or ()


def fetch_all(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a prepared statement, and return the rows of its result."""
    with prepared_cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def columns_of(*models: Any) -> str:
    """Return the columns of the models' tables, for a SELECT whose rows `next_model` reads."""
    return ", ".join(
        f"{model._meta.db_table}.{field.column}" for model in models for field in model._meta.concrete_fields
    )


def next_model[Row: Model](model: type[Row], values: Iterator[Any]) -> Row:
    """Return an instance of `model` from the next `values`, one per concrete field, with the fields' converters."""
    names, converters = _fields_of(model)
    row = [next(values) for _name in names]
    for place, convert in converters:
        row[place] = convert(row[place], None, connection)
    return model.from_db(connection.alias, names, row)


def next_joined[Row: Model](model: type[Row], values: Iterator[Any]) -> Row | None:
    """Return what `next_model` does, or None if the row has none: its key, from an outer join, is null."""
    row = next_model(model, values)
    return row if row.pk is not None else None


@cache
def _fields_of(model: Any) -> tuple[list[str], list[tuple[int, Any]]]:
    """Return the names of the concrete fields of `model`, and what converts those that are stored otherwise."""
    fields = model._meta.concrete_fields
    converters = [
        (place, convert)
        for place, field in enumerate(fields)
        for convert in field.get_db_converters(connection)
    ]
    return [field.attname for field in fields], converters
