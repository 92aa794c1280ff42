"""The application's role cannot update or delete a conflict: tested on its own connection, with committed rows."""

from typing import Any

import psycopg
import pytest


@pytest.mark.parametrize("verb", ["UPDATE review_conflict SET reason = ''", "DELETE FROM review_conflict"])
def test_the_role_of_the_application_rewrites_no_conflict(
    app_connection: psycopg.Connection[Any], verb: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_connection.execute(verb.encode())
