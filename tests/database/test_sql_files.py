"""The files of `<app>/sql/` hold the functions and triggers of the database as they are on the server.

`HELD=rewrite` writes them in the server's form, after a migration that loads another text.
"""

import os

import pytest
from django.db import connection
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader

from tests.database import sql_files
from tests.database.attempts import Connection


@pytest.fixture
def database() -> Connection:
    connection.ensure_connection()
    found: Connection = connection.connection
    return found


@pytest.mark.django_db
def test_each_function_of_the_server_matches_its_file(database: Connection) -> None:
    on_the_server = sql_files.written(database)
    if os.environ.get("HELD") == "rewrite":
        sql_files.rewrite(on_the_server)
    assert len(on_the_server) > 20
    assert sql_files.kept() == on_the_server


def test_each_file_is_loaded_by_a_migration() -> None:
    loaded = {
        operation.sql
        for migration in MigrationLoader(None).disk_migrations.values()
        for operation in migration.operations
        if isinstance(operation, RunSQL) and isinstance(operation.sql, str)
    }
    assert [name for name, text in sql_files.kept().items() if text not in loaded] == []
