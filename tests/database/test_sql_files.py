"""The files of `<app>/sql/` hold the functions and triggers of the database as they are on the server.

`HELD=rewrite` writes them anew: a migration that changes a function is committed with the file that shows its text.
"""

import os

import pytest
from django.db import connection

from tests.database import sql_files
from tests.database.attempts import Connection


@pytest.fixture
def database() -> Connection:
    connection.ensure_connection()
    found: Connection = connection.connection
    return found


@pytest.mark.django_db
def test_each_function_of_the_server_is_as_its_file_says(database: Connection) -> None:
    on_the_server = sql_files.written(database)
    if os.environ.get("HELD") == "rewrite":
        sql_files.rewrite(on_the_server)
    assert len(on_the_server) > 20
    assert sql_files.kept() == on_the_server
