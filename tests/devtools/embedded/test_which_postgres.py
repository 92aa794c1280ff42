"""Choice of PostgreSQL by `make run` and the tests: the given one, the wheel's, or the machine's."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from intake.devtools import embedded
from intake.devtools.embedded import postgres
from intake.devtools.embedded.given import DatabaseUrls
from intake.devtools.embedded.places import EmbeddedError, EmbeddedPaths
from tests.settings.environment import ROOT

pytestmark = pytest.mark.servers


def programs(folder: Path, version: str) -> Path:
    """Create a folder of programs that report this version."""
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    return folder


def test_a_postgresql_that_is_too_old_is_skipped(tmp_path: Path) -> None:
    old, good = programs(tmp_path / "old", "16.9"), programs(tmp_path / "good", "17.0")
    assert postgres.choose([old, tmp_path / "nothing", good]) == good


def test_without_a_suitable_postgresql_one_line_lists_those_found_and_the_remedy(tmp_path: Path) -> None:
    old = programs(tmp_path / "old", "15.20")
    with pytest.raises(EmbeddedError) as refusal:
        postgres.choose([old])
    said = str(refusal.value)
    assert said.startswith(f"PostgreSQL 17 or later is needed ({old} has 15): ")
    assert "DATABASE_URL" in said
    assert "\n" not in said
    with pytest.raises(EmbeddedError, match="this machine has none"):
        postgres.choose([])


def test_postgresql_is_searched_in_the_path_then_by_latest_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "SYSTEM_FOLDERS", (f"{tmp_path}/lib/*/bin",))
    nine, ten = programs(tmp_path / "lib" / "9" / "bin", "9"), programs(tmp_path / "lib" / "10" / "bin", "10")
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "postgres").symlink_to(nine / "postgres")
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "postgres").touch()
    assert postgres.system_postgres_folders("") == [ten, nine]
    assert postgres.system_postgres_folders(f"{alone}:{linked}:") == [nine, ten]


def test_a_database_is_restored_by_the_programs_of_its_own_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "SYSTEM_FOLDERS", (f"{tmp_path}/lib/*/bin",))
    monkeypatch.setenv("PATH", "")
    programs(tmp_path / "lib" / "97" / "bin", "97.2")
    older = programs(tmp_path / "lib" / "96" / "bin", "96.1")
    assert postgres.programs_of_version(96) == older
    with pytest.raises(EmbeddedError, match="apt install postgresql-95"):
        postgres.programs_of_version(95)


def test_the_servers_of_a_new_folder_need_only_the_packages_of_production() -> None:
    modules = "intake.devtools.embedded.restore_drill, intake.devtools.embedded.keeper"
    tell = f"import sys; sys.modules['psutil'] = None; import {modules}"
    assert subprocess.run([sys.executable, "-c", tell], cwd=ROOT, check=False).returncode == 0


def test_only_the_requested_folder_of_programs_is_searched(tmp_path: Path) -> None:
    asked = programs(tmp_path / "bin", "16.1")
    tell = "from intake.devtools.embedded.postgres import binaries; print(binaries())"
    answer = subprocess.run(
        [sys.executable, "-c", tell],
        env={"POSTGRES_BIN": str(asked)},
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert answer.returncode != 0
    assert f"({asked} has 16)" in answer.stderr


# -- A given database -----------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`DATABASE_URL` of a server without the portal's roles, as its superuser."""
    folder = tmp_path_factory.mktemp("given")
    with embedded.servers(folder) as urls:
        with psycopg.connect(urls.database_superuser, dbname="postgres", autocommit=True) as superuser:
            superuser.execute("DROP DATABASE intake")
        with psycopg.connect(urls.database_superuser, dbname="template1", autocommit=True) as superuser:
            for role in ("intake_app", "intake_owner"):
                superuser.execute(f"DROP OWNED BY {role}")
            superuser.execute("DROP ROLE intake_app, intake_owner")
        yield urls.database_superuser.rpartition("/")[0] + "/postgres"


def test_two_database_addresses_are_used_unchanged() -> None:
    both = {"DATABASE_URL": "postgres://app@db/a", "DATABASE_OWNER_URL": "postgres://owner@db/a"}
    assert embedded.external_database(both) == DatabaseUrls(
        database="postgres://app@db/a", database_owner="postgres://owner@db/a", database_superuser=""
    )


def test_a_given_server_gets_its_roles_once_and_only_valkey_is_started(server: str, tmp_path: Path) -> None:
    given = embedded.external_database({"DATABASE_URL": server})
    assert given == embedded.external_database({"DATABASE_URL": server}), (
        "another process has other passwords"
    )
    with embedded.servers(tmp_path, database=given) as urls:
        for url, user in ((urls.database, "intake_app"), (urls.database_owner, "intake_owner")):
            with psycopg.connect(url) as connection:
                found = connection.execute("SELECT session_user::text, current_database()::text").fetchone()
                assert found == (user, "intake")
        assert not urls.is_ours
        assert urls.broker.startswith("redis://:")
        assert not EmbeddedPaths(tmp_path).postgres.exists()
        with pytest.raises(EmbeddedError, match="in use with another database"), embedded.servers(tmp_path):
            pass


def test_the_roles_of_another_installation_keep_their_passwords(server: str) -> None:
    embedded.external_database({"DATABASE_URL": server})
    other = server + "?application_name=another"
    with pytest.raises(EmbeddedError, match="roles of another installation"):
        embedded.external_database({"DATABASE_URL": other})


@pytest.mark.parametrize(
    "change,said",
    [
        ({"user": "intake_app"}, "give a superuser's address"),
        ({"password": "guess"}, "password authentication failed"),
        ({"port": "1"}, "connection"),
    ],
    ids=["not a superuser", "a wrong password", "no server"],
)
def test_an_unusable_address_is_refused_in_one_line(server: str, change: dict[str, str], said: str) -> None:
    given = embedded.external_database({"DATABASE_URL": server})
    assert given is not None
    parts = conninfo_to_dict(given.database if "user" in change else server) | change
    url = "postgres://{user}:{password}@{host}:{port}/{dbname}".format(**parts)
    with pytest.raises(EmbeddedError, match=f"^DATABASE_URL: .*{said}") as refusal:
        embedded.external_database({"DATABASE_URL": url})
    assert "\n" not in str(refusal.value)


def test_a_server_that_is_too_old_is_refused(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "MIN_VERSION", 99)
    with pytest.raises(
        EmbeddedError, match=r"^DATABASE_URL: its server is PostgreSQL 1[78], and 99 or later"
    ):
        embedded.external_database({"DATABASE_URL": server})
