"""A text in the script of pgbench is read as it was, and has no colon that pgbench would take for a variable's."""

import re

import pytest
from django.db import connection

from tests.benchmarks.same_writes import literal_of

_TEXT = '{"a": "it\'s 10:30"}' + "x" * 300


@pytest.mark.django_db
def test_a_text_is_read_as_it_was_without_a_colon_of_its_own() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {literal_of(_TEXT)}")
        assert cursor.fetchone() == (_TEXT,)
    assert not re.search(r"(?<!:):\w", literal_of(_TEXT))
