"""Attempts: raw SQL against one rule of the database, and PostgreSQL's expected answer.

An attempt is a few statements in a transaction that is rolled back. Deferred constraints are checked at its end.
`{name}` in a statement is the id of a row of `tests.database.rows`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import psycopg

type Connection = psycopg.Connection[tuple[Any, ...]]
type Role = Literal["app", "owner", "superuser"]
UUID = "gen_random_uuid()"
CHECK_CONSTRAINTS_NOW = ("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED")
"""Statements that check deferred constraints: a table with pending checks cannot be altered."""


@dataclass(frozen=True, slots=True)
class Copy:
    """An INSERT that copies the first row of `table` matching `where`, with other SQL expressions in some columns."""

    table: str
    where: str
    changes: Mapping[str, str]
    returning: str = ""


def copy(table: str, where: str = "TRUE", *, returning: str = "", **changes: str) -> Copy:
    return Copy(table, where, changes, returning)


type Step = str | Copy


@dataclass(frozen=True, slots=True)
class Attempt:
    """SQL against `rule`: the name of a constraint or unique index, or a trigger's name with the operation."""

    rule: str
    what: str
    steps: tuple[Step, ...]
    answer: str
    """SQLSTATE with the constraint's name, or with the message if there is none; or the result of the last
    statement."""
    by: Role = "app"

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


def unique(rule: str, what: str, *steps: Step, by: Role = "app") -> Attempt:
    return Attempt(rule, what, steps, f"23505 {rule}", by)


def raises_violation(rule: str, what: str, *steps: Step, name: str, by: Role = "app") -> Attempt:
    """A trigger raises a check violation with the name `name`."""
    return Attempt(rule, what, steps, f"23514 {name}", by)


def returns_answer(rule: str, what: str, *steps: Step, answer: str, by: Role = "app") -> Attempt:
    """A trigger accepts the statements, and the last one returns `answer`.

    "done" if it returns no row, "nothing" if it also wrote none.
    """
    return Attempt(rule, what, steps, answer, by)


def append_only(table: str, key: str = "id") -> tuple[Attempt, ...]:
    """Return attempts to change and delete a row as the owner, and to empty `table` as a role with TRUNCATE."""
    answer = f"23001 {table} is append-only"
    kept, never_emptied = f"{table}_is_append_only", f"{table}_is_never_emptied"
    return (
        Attempt(f"{kept} UPDATE", "change a row", (f"UPDATE {table} SET {key} = {key}",), answer, "owner"),
        Attempt(f"{kept} DELETE", "delete a row", (f"DELETE FROM {table}",), answer, "owner"),
        Attempt(
            f"{never_emptied} TRUNCATE",
            "empty the table, with the privilege to do so",
            (
                "GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO intake_app",
                "SET LOCAL ROLE intake_app",
                f"TRUNCATE {table} CASCADE",
            ),
            answer,
            "superuser",
        ),
    )


def without_triggers(table: str, *steps: Step) -> tuple[Step, ...]:
    """Return the owner's statements with the triggers of `table` disabled, to reach a constraint behind them."""
    return f"ALTER TABLE {table} DISABLE TRIGGER USER", *steps


def response_to(attempt: Attempt, connection: Connection, rows: Mapping[str, int]) -> str:
    """Return PostgreSQL's answer to `attempt`, and roll it back."""
    answer = "done"
    try:
        with connection.transaction(force_rollback=True):
            for step in attempt.steps:
                cursor = connection.execute(sql_of(step, connection, rows), prepare=False)
            if cursor.rowcount == 0:
                answer = "nothing"
            if cursor.description and (row := cursor.fetchone()):
                answer = str(row[0])
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error as error:
        return f"{error.sqlstate} {error.diag.constraint_name or error.diag.message_primary}"
    return answer


def sql_of(step: Step, connection: Connection, rows: Mapping[str, int]) -> bytes:
    """Return the SQL of one step, with the ids of `rows`."""
    if isinstance(step, str):
        return step.format(**rows).encode()
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        [step.table],
    )
    columns = [name for (name,) in found if name != "id" or "id" in step.changes]
    values = ", ".join(step.changes.get(name, f"t.{name}") for name in columns)
    statement = (
        f"INSERT INTO {step.table} ({', '.join(columns)}) SELECT {values} FROM {step.table} t"
        f" WHERE {step.where} ORDER BY 1 LIMIT 1{f' RETURNING {step.returning}' if step.returning else ''}"
    )
    return statement.format(**rows).encode()
