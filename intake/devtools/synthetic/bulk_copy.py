"""Bulk insertion by PostgreSQL's COPY, under the same constraints and triggers as any INSERT."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Field, JSONField, Model
from django.db.models.expressions import DatabaseDefault
from psycopg.types.json import Jsonb


def allocate_keys(model: type[Model], count: int) -> list[int]:
    """Take `count` primary keys of `model` from its sequence, so that no other transaction gets them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        (sequence,) = cursor.fetchone()
    return allocate_serials(sequence, count)


def allocate_serials(sequence: str, count: int) -> list[int]:
    """Take `count` numbers from the sequence of this name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])
        return [int(number) for (number,) in cursor.fetchall()]


def copy_rows(rows: Sequence[Model]) -> None:
    """Insert `rows`, all of one model, in the caller's transaction. The database fills in its own columns.

    These are the columns with a database default, and the primary key of rows without one, as found in the first row.
    """
    if not rows:
        return
    first = rows[0]
    fields = [field for field in first._meta.concrete_fields if not _is_the_databases(first, field)]
    name = connection.ops.quote_name
    columns = ", ".join(name(str(field.column)) for field in fields)
    statement = f"COPY {name(first._meta.db_table)} ({columns}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([_value(row, field) for field in fields])


def _is_the_databases(row: Model, field: "Field[Any, Any]") -> bool:
    if field.generated:
        return True
    value = getattr(row, field.attname)
    return isinstance(value, DatabaseDefault) or (field.primary_key and value is None)


def _value(row: Model, field: "Field[Any, Any]") -> Any:
    value = field.pre_save(row, add=True)
    if isinstance(field, JSONField):
        return Jsonb(value)
    return field.get_db_prep_save(value, connection)
