"""What the condition of each CHECK accepts and refuses: its bounds, and each code that it lists."""

import pytest
from django.db import connection

from tests.database import catalogue
from tests.database.attempts import Connection
from tests.database.condition_tables import TABLES
from tests.database.conditions import Table, accepted_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def database() -> Connection:
    connection.ensure_connection()
    found: Connection = connection.connection
    return found


@pytest.mark.parametrize("name", TABLES)
def test_a_condition_accepts_exactly_the_rows_of_its_table(database: Connection, name: str) -> None:
    assert sorted(map(repr, accepted_rows(database, name, TABLES[name]))) == sorted(
        map(repr, TABLES[name].accepted)
    )


def test_each_condition_has_a_table_or_accepts_zero_and_no_negative_number(database: Connection) -> None:
    """Django generates the CHECKs of positive numbers; all others are written by hand."""
    conditions = catalogue.conditions(database)
    numbers = {name: column for name, column in conditions.items() if column and name not in TABLES}
    assert sorted(conditions.keys() - numbers.keys()) == sorted(TABLES)
    assert [
        name
        for name, column in numbers.items()
        if accepted_rows(database, name, Table({column: [-1, 0, 1]}, [])) != [(0,), (1,)]
    ] == []
