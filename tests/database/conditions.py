"""Evaluates the condition of a CHECK on tables of values, and returns PostgreSQL's answer for each row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from django.apps import apps
from psycopg.types.json import Jsonb

from tests.database.catalogue import Connection

type Value = str | float | bool | Sequence[str] | None
type Row = tuple[Value, ...]
AT, LATER = "2027-09-01T14:00:00+00:00", "2027-09-01T14:00:00.000001+00:00"
HEXADECIMAL = "0123456789abcdef" * 4


@dataclass(frozen=True, slots=True)
class Table:
    """Values of the columns that a condition reads, and the combinations that it accepts."""

    columns: Mapping[str, Sequence[Value]]
    accepted: Sequence[Row]

    def rows(self) -> Iterator[Row]:
        """Yield every combination."""
        return product(*self.columns.values())


def together(accepted: Sequence[Row], **columns: Sequence[Value]) -> Table:
    """Of all combinations of the columns' values, only those in `accepted` are accepted."""
    return Table(columns, accepted)


def accept_and_refuse(column: str, *, accepted: Sequence[Value], refused: Sequence[Value]) -> Table:
    return Table({column: [*accepted, *refused]}, [(value,) for value in accepted])


def not_empty(column: str) -> Table:
    """A text that is not empty."""
    return accept_and_refuse(column, accepted=["x"], refused=[""])


def between(column: str, least: int, most: int, *also: None) -> Table:
    return accept_and_refuse(column, accepted=[*also, least, most], refused=[least - 1, most + 1])


def at_least(column: str, least: int) -> Table:
    return accept_and_refuse(column, accepted=[least, least + 1], refused=[least - 1])


def after(earlier: str, later: str) -> Table:
    """Two instants: the second must be later, and not equal."""
    return together([(AT, LATER)], **{earlier: [AT, LATER], later: [AT, LATER]})


def sha256(column: str, prefix: str = "", *also: str) -> Table:
    digest = prefix + HEXADECIMAL
    wrong = [HEXADECIMAL.upper(), digest[:-1], f"{digest}0", f"{digest[:-1]}g", f" {digest}"]
    empty = [] if "" in also else [""]
    return accept_and_refuse(
        column, accepted=[*also, digest], refused=[*empty, *wrong, *([HEXADECIMAL] if prefix else [])]
    )


def all_or_none(**columns: tuple[Value, Value]) -> Table:
    """Columns that are all null or all set. For each: the value if not set, and a value if set."""
    return together([*zip(*columns.values(), strict=True)], **columns)


def choices(model: str, column: str) -> list[Value]:
    """Return the codes of a model field's choices."""
    found = apps.get_model(model)._meta.get_field(column).choices or []
    return [code for code, _label in found if isinstance(code, str)]


def one_of_codes(column: str, codes: Sequence[Value]) -> Table:
    """One of `codes`, in exactly this spelling."""
    others = [f"{code}_" for code in codes] + [f"{code}".swapcase() for code in codes if code]
    return accept_and_refuse(column, accepted=codes, refused=[*others, *([] if "" in codes else [""])])


def accepted_rows(connection: Connection, constraint: str, table: Table) -> list[Row]:
    """Return the rows of `table` that the condition of `constraint` accepts; as in a CHECK, NULL accepts."""
    (condition, relation) = connection.execute(
        "SELECT pg_get_expr(conbin, conrelid), conrelid FROM pg_constraint WHERE conname = %s", [constraint]
    ).fetchone() or ("FALSE", 0)
    # Without the columns' lengths, which would refuse a value before the condition does.
    types = ", ".join(
        f'"{name}" {of}'
        for name, of in connection.execute(
            "SELECT attname, atttypid::regtype::text FROM pg_attribute WHERE attrelid = %s AND attname = ANY (%s)",
            [relation, list(table.columns)],
        )
    )
    rows = list(table.rows())
    written = Jsonb([dict(zip(table.columns, row, strict=True)) for row in rows])
    said = condition.replace("%", "%%")
    statement = f"SELECT ({said}) IS NOT FALSE FROM jsonb_to_recordset(%s) AS r ({types})"
    answers = connection.execute(statement.encode(), [written])
    return [row for row, (passed,) in zip(rows, answers, strict=True) if passed]
