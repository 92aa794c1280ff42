"""The check of databases that were made by the migrations that those of the first release replace."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from intake.operations.replaced_migrations import check_replaced_migrations

NEW = sorted(MigrationLoader(None).replacements)
"""A database that they made records what they replace too: without them, its records are those of an old database."""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "lacking,refused",
    [
        pytest.param([], [], id="new"),
        pytest.param(NEW, [], id="old, with all"),
        pytest.param(
            [*NEW, ("review", "0023_rules_read_the_real_tables")], ["review"], id="old, without the last"
        ),
        pytest.param([*NEW, ("outbox", "0001_deliveries")], ["outbox"], id="old, without the first"),
        pytest.param(
            [("review", "0003_decisions"), ("review", "0023_rules_read_the_real_tables")],
            [],
            id="interrupted",
        ),
    ],
)
def test_a_database_with_some_of_the_replaced_migrations_is_refused(
    lacking: list[tuple[str, str]], refused: list[str]
) -> None:
    for app, name in lacking:
        MigrationRecorder(connection).record_unapplied(app, name)
    assert [error.msg for error in check_replaced_migrations(databases=["default"])] == [
        f"The database has only some of the migrations of {app} that were replaced." for app in refused
    ]
