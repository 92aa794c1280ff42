"""Conditions for serving: a database role that owns nothing, and collected static files."""

from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest
from django.db import connections
from psycopg import sql

from intake.devtools import embedded
from intake.startup_checks import BYPASS_QUERY
from tests.settings.environment import NEEDED, REST, run

ROLES: dict[str, tuple[bool, LiteralString]] = {
    "the application's role": (False, ""),
    "a role with nothing": (False, "CREATE ROLE tried LOGIN PASSWORD 'tried'"),
    "the owner": (True, ""),
    "a superuser": (True, "CREATE ROLE tried LOGIN SUPERUSER PASSWORD 'tried'"),
    "a member of the owner": (True, "CREATE ROLE tried LOGIN PASSWORD 'tried' IN ROLE intake_owner"),
    "a member that does not inherit": (
        True,
        "CREATE ROLE tried LOGIN NOINHERIT PASSWORD 'tried' IN ROLE intake_owner",
    ),
    "a member of a member": (
        True,
        "CREATE ROLE between IN ROLE intake_owner; CREATE ROLE tried LOGIN PASSWORD 'tried' IN ROLE between",
    ),
    "the owner of one table": (
        True,
        "CREATE ROLE tried LOGIN PASSWORD 'tried'; CREATE TABLE its_own (); ALTER TABLE its_own OWNER TO tried",
    ),
    "a member of the owner of one table": (
        True,
        """
        CREATE ROLE between; CREATE ROLE tried LOGIN NOINHERIT PASSWORD 'tried' IN ROLE between;
        CREATE TABLE its_own (); ALTER TABLE its_own OWNER TO between
        """,
    ),
    "the owner of the database alone": (
        True,
        "CREATE ROLE tried LOGIN PASSWORD 'tried'; ALTER DATABASE {database} OWNER TO tried",
    ),
}
"""For each role: whether it has too many privileges, and the SQL that makes it if it does not exist."""


@pytest.fixture
def address(
    request: pytest.FixtureRequest, embedded_servers: embedded.Urls, transactional_db: None
) -> Iterator[str]:
    """The address of the tests' database for one of ROLES."""
    del transactional_db
    name = connections["default"].settings_dict["NAME"]
    _bypasses, made = ROLES[request.param]
    url = embedded_servers.database_owner if request.param == "the owner" else embedded_servers.database
    server, _slash, _name = url.rpartition("/")
    if not made:
        yield f"{server}/{name}"
        return
    with psycopg.connect(embedded_servers.database_superuser, dbname=name, autocommit=True) as superuser:
        superuser.execute(sql.SQL(made).format(database=sql.Identifier(name)))
        superuser.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO tried").format(sql.Identifier(name)))
        try:
            yield f"postgres://tried:tried@{server.rpartition('@')[2]}/{name}"
        finally:
            restored = sql.SQL("ALTER DATABASE {} OWNER TO intake_owner").format(sql.Identifier(name))
            superuser.execute(restored)
            superuser.execute("DROP TABLE IF EXISTS its_own; DROP OWNED BY tried; DROP ROLE tried")
            superuser.execute("DROP ROLE IF EXISTS between")


@pytest.mark.parametrize(
    "address,bypasses", [(name, ROLES[name][0]) for name in ROLES], indirect=["address"], ids=ROLES
)
def test_a_role_that_may_change_the_tables_is_recognised(
    address: str,
    bypasses: bool,  # noqa: FBT001 -- pytest gives a case's values by name
) -> None:
    with psycopg.connect(address) as connection:
        assert connection.execute(BYPASS_QUERY).fetchone() == (bypasses,)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["-m", "gunicorn", "--bind", "127.0.0.1:0"], id="web"),
        pytest.param(
            ["-m", "celery", "--app", "intake.celery", "worker"], id="worker", marks=pytest.mark.full
        ),
        pytest.param(["-m", "celery", "--app", "intake.celery", "beat"], id="beat", marks=pytest.mark.full),
        pytest.param(["manage.py", "sweep_outbox"], id="sweep", marks=pytest.mark.full),
    ],
)
@pytest.mark.servers
@pytest.mark.parametrize("address", ["the owner"], indirect=True)
def test_serving_is_refused_to_the_owner_of_the_tables_in_one_line(address: str, command: list[str]) -> None:
    answer = run(*command, **(NEEDED | REST | {"DATABASE_URL": address}))
    assert answer.returncode != 0
    said = [line for line in answer.stderr.splitlines() if "not serving" in line]
    assert len(said) == 1, answer.stderr
    assert said[0].endswith(
        "intake: not serving: DATABASE_URL is of intake_owner, who may change the tables: "
        "give the role that owns nothing, intake_app"
    )
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("address", ["the owner"], indirect=True)
def test_a_command_of_the_owners_still_runs(address: str) -> None:
    answer = run("manage.py", "migrate", "--check", **(NEEDED | {"DATABASE_OWNER_URL": address}))
    assert answer.returncode == 0, answer.stderr


def test_a_web_server_whose_files_were_not_collected_refuses_to_start_in_one_line(tmp_path: str) -> None:
    variables = NEEDED | REST | {"STATIC_ROOT": str(tmp_path)}
    del variables[
        "DJANGO_SETTINGS_MODULE"
    ]  # intake.wsgi uses production's settings unless another module is set
    answer = run("-c", "import intake.wsgi", **variables)
    assert answer.returncode != 0
    assert answer.stderr.startswith("intake: not serving: ")
    assert answer.stderr.endswith(
        " is not among the collected files: run manage.py collectstatic --no-input\n"
    )
    assert answer.stderr.count("\n") == 1
