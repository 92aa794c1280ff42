"""Selection of the database by manage.py."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from intake.devtools import embedded
from intake.devtools.embedded.places import EmbeddedPaths
from tests import migrated_database

ROOT = Path(__file__).resolve().parents[3]
WHO = "from django.db import connection as c; k = c.cursor(); k.execute('SELECT current_user'); print(k.fetchone()[0])"


def manage(*arguments: str, data_dir: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "manage.py"), *arguments],
        env=environment | {"DATA_DIR": str(data_dir)} | variables,
        cwd=data_dir,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.servers
@pytest.mark.full
@pytest.mark.parametrize(
    "is_empty",
    [pytest.param(True, id="an empty folder"), pytest.param(False, id="after an update")],
)
def test_a_command_finds_a_migrated_database_and_runs_as_the_application(
    tmp_path: Path, *, is_empty: bool
) -> None:
    if not is_empty:
        migrated_database.copy_migrated_database(tmp_path)
        EmbeddedPaths(tmp_path).migrated_file.write_text("other migrations")
    first = manage("shell", "--no-imports", "-c", WHO, data_dir=tmp_path)
    assert (first.returncode, first.stdout) == (0, "intake_app\n"), first.stderr
    assert first.stderr == "Applying pending migrations to the embedded database…\n"
    again = manage("migrate", "--check", data_dir=tmp_path)
    assert (again.returncode, again.stderr) == (0, ""), again.stdout
    assert not (tmp_path / "embedded" / "ports.json").exists(), "what the command started still runs"


@pytest.mark.servers
@pytest.mark.full
def test_a_command_names_the_folder_to_remove_when_a_migration_fails(tmp_path: Path) -> None:
    migrated_database.copy_migrated_database(tmp_path)
    with embedded.servers(tmp_path) as urls, psycopg.connect(urls.database_owner) as connection:
        connection.execute("DELETE FROM django_migrations WHERE app = 'operations'")
    EmbeddedPaths(tmp_path).migrated_file.write_text("other migrations")
    refused = manage("shell", "--no-imports", "-c", WHO, data_dir=tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.endswith(f" To start afresh, without its data, remove {tmp_path}.\n")


@pytest.mark.full  # in the quick run, `test_some_commands_need_no_server`
def test_the_help_command_starts_no_server(tmp_path: Path) -> None:
    answer = manage("help", data_dir=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert not (tmp_path / "embedded").exists()


def test_a_database_of_the_environment_is_used_unchanged(tmp_path: Path) -> None:
    answer = manage(
        "shell",
        "--no-imports",
        "-c",
        "print('ran')",
        data_dir=tmp_path,
        DATABASE_URL="postgres://a@127.0.0.1/b",
    )
    assert (answer.returncode, answer.stdout) == (0, "ran\n"), answer.stderr
    assert not (tmp_path / "embedded").exists()


@pytest.mark.parametrize(
    "arguments", [["manage.py", "migrate", "--settings=x"], ["manage.py"], ["manage.py", "help"]]
)
def test_some_commands_need_no_server(arguments: list[str]) -> None:
    with embedded.manage(arguments, {"DJANGO_SETTINGS_MODULE": embedded.SETTINGS}):
        assert "DATABASE_URL" not in os.environ
