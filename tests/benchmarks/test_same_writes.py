"""The script of pgbench writes a filing's rows: of the same size, other keys each time, and no colon in a text."""

import re
from collections.abc import Mapping
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import connection

from tests.benchmarks import same_writes
from tests.benchmarks.same_writes import Written, literal_of, script_of

_COLUMNS = {
    "dossiers_seal": [
        ("id", "int8", "bigint", True, False),
        ("digest", "varchar", "character varying(71)", False, False),
        ("canonical", "text", "text", False, False),
        ("created_at", "timestamptz", "timestamp with time zone", False, False),
        ("size", "int8", "bigint", False, True),
    ],
    "submissions_filing": [
        ("id", "int8", "bigint", True, False),
        ("submission_id", "int8", "bigint", False, False),
        ("sequence", "int4", "integer", False, False),
        ("replaces_id", "int8", "bigint", False, False),
    ],
    "submissions_draft": [
        ("id", "int8", "bigint", False, False),
        ("state", "text", "text", False, False),
        ("version", "int4", "integer", False, False),
        ("filing_id", "int8", "bigint", False, False),
    ],
    "outbox_delivery": [("public_id", "uuid", "uuid", False, False), ("kind", "text", "text", False, False)],
}


def _rows(*rows: Mapping[str, str | None]) -> tuple[Any, Any]:
    """Return two filings' rows: those given, and those of another, whose numbers and keys are others."""
    other = [
        {name: f"9{text}" if name in _VARY and text else text for name, text in row.items()} for row in rows
    ]
    return list(rows), other


_VARY = {"digest", "canonical", "submission_id", "filing_id", "public_id"}
_TEXT = '{"a": "it\'s 10:30"}' + "x" * 300


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> str:
    columns = {table: [same_writes.Column(*one) for one in some] for table, some in _COLUMNS.items()}
    monkeypatch.setattr(same_writes, "columns_of", lambda _connection, table: columns[table])
    draft = {"id": "4", "state": "OPEN", "version": "1", "filing_id": None}
    filed = draft | {"state": "FILED", "filing_id": "7"}
    written = [
        Written(
            "outbox_delivery",
            inserted=_rows(*({"public_id": "a-b", "kind": kind} for kind in ("MAIL", "PDF"))),
        ),
        Written("submissions_draft", before=(draft, draft), after=(filed, filed | {"filing_id": "8"})),
        Written(
            "submissions_filing",
            inserted=_rows({"id": "7", "submission_id": "3", "sequence": "1", "replaces_id": None}),
        ),
        Written(
            "dossiers_seal",
            inserted=_rows(
                {
                    "id": "5",
                    "digest": "sha256:" + "4f" * 32,
                    "canonical": _TEXT,
                    "created_at": "2027-01-01 10:00:00+00",
                    "size": "9",
                }
            ),
        ),
    ]
    return script_of(Mock(), written, rows=100)


def test_a_script_writes_each_row_in_the_order_and_the_statements_of_a_filing(script: str) -> None:
    *variables, begin, filing, draft, deliveries, commit = script.splitlines()
    assert variables[-1] == r"\set row 1 + :n % 100"
    assert (begin, commit) == ("BEGIN;", "COMMIT;")
    assert filing.startswith(
        "WITH w0 AS (INSERT INTO bench.dossiers_seal (digest, canonical, created_at) VALUES ("
    )
    assert filing.endswith(
        ") INSERT INTO bench.submissions_filing (submission_id, sequence, replaces_id) VALUES"
        " (CAST(:n AS bigint), E'1'::integer, NULL);"
    )
    assert draft == (
        "UPDATE bench.submissions_draft SET state = E'FILED'::text, filing_id = CAST(:n AS bigint)"
        " WHERE id = CAST(:row AS bigint);"
    )
    assert deliveries == (
        "INSERT INTO bench.outbox_delivery (public_id, kind) VALUES"
        " (gen_random_uuid(), E'MAIL'::text), (gen_random_uuid(), E'PDF'::text);"
    )


def test_a_text_has_no_colon_that_pgbench_would_read_as_a_variable(script: str) -> None:
    assert set(re.findall(r"(?<!:):(\w+)", script)) == {"i", "base", "client_id", "n", "row"}


@pytest.mark.django_db
def test_the_texts_keep_their_length_and_are_read_as_they_were(script: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {literal_of(_TEXT)}")
        assert cursor.fetchone() == (_TEXT,)
        digest = script.split("VALUES (", 1)[1].split(", E'", 1)[0].replace(":n", "123456789012")
        cursor.execute(f"SELECT {digest}")
        (drawn,) = cursor.fetchone()
    assert (len(drawn), drawn[:7], drawn[-12:]) == (71, "sha256:", "123456789012")
