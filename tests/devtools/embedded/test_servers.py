"""The embedded servers: start, sharing, stop, roles."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from intake.devtools import embedded
from intake.devtools.embedded.places import EmbeddedPaths

USER = """
import sys
from pathlib import Path
from intake.devtools import embedded
with embedded.servers(Path(sys.argv[1])) as urls:
    print(urls.database_owner, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose path has spaces and is longer than the path of a Unix socket may be."""
    return tmp_path_factory.mktemp("un dossier avec espaces") / ("profond-" * 15)


@contextmanager
def another_user(data_dir: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that uses the servers until it reads a line."""
    command = [sys.executable, "-c", USER, str(data_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("postgres://")
        yield process
        if process.poll() is None:
            process.communicate("\n")


def servers_of(data_dir: Path) -> list[psutil.Process]:
    """The processes of a folder's servers and their keeper."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(str(data_dir) in word for word in process.cmdline()) or str(data_dir) in process.cwd():
                found.append(process)
        except psutil.Error:
            continue
    return [process for process in found if process.pid != os.getpid()]


def becomes_true(question: Callable[[], bool], seconds: float = 15) -> bool:
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        if question():
            return True
        time.sleep(0.05)
    return False


def count_rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS visits (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO visits DEFAULT VALUES")
        row = connection.execute("SELECT count(*) FROM visits").fetchone()
    assert row is not None
    return int(row[0])


def test_the_last_user_stops_the_servers_and_keeps_the_data(data_dir: Path) -> None:
    with embedded.servers(data_dir) as urls:
        before = count_rows(urls.database_owner)
        with another_user(data_dir) as other:
            assert len(servers_of(data_dir)) >= 3
        assert other.returncode == 0
        assert count_rows(urls.database_owner) == before + 1, "the other's leaving stopped what we use"
    assert servers_of(data_dir) == []
    with embedded.servers(data_dir) as urls:
        assert count_rows(urls.database_owner) == before + 2


def test_a_killed_user_leaves_no_server_running(data_dir: Path) -> None:
    with another_user(data_dir) as other:
        other.kill()
    assert becomes_true(lambda: servers_of(data_dir) == [])


@pytest.mark.full
def test_servers_without_their_supervisor_are_replaced(data_dir: Path) -> None:
    with another_user(data_dir) as other:
        keeper = next(p for p in servers_of(data_dir) if "intake.devtools.embedded.keeper" in p.cmdline())
        keeper.kill()
        keeper.wait()
        other.kill()
    left = {process.pid for process in servers_of(data_dir)}
    assert left, "PostgreSQL and Valkey outlive a killed keeper"
    with embedded.servers(data_dir) as urls:
        count_rows(urls.database_owner)
        assert left.isdisjoint(process.pid for process in servers_of(data_dir))
    assert servers_of(data_dir) == []


def test_a_recorded_process_id_of_another_program_is_ignored(data_dir: Path) -> None:
    with embedded.servers(data_dir) as urls:
        before = count_rows(urls.database_owner)
    postmaster = EmbeddedPaths(data_dir).postgres / "postmaster.pid"
    postmaster.write_text(f"{os.getpid()}\n{postmaster.parent}\n0\n5432\n\n127.0.0.1\n\nready\n")
    with embedded.servers(data_dir) as urls:
        assert count_rows(urls.database_owner) == before + 1


@pytest.mark.servers
def test_servers_that_cannot_start_report_why_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "embedded" / "postgres").mkdir(parents=True)
    (tmp_path / "embedded" / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(embedded.EmbeddedError) as refusal, embedded.servers(tmp_path):
        pass
    assert "\n" not in str(refusal.value)
    assert "PostgreSQL did not start" in str(refusal.value)
    assert servers_of(tmp_path) == []


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with (
        pytest.raises(embedded.EmbeddedError, match="DATA_DIR cannot be used"),
        embedded.servers(tmp_path / "data"),
    ):
        pass


def test_passwords_are_for_this_user_alone(data_dir: Path) -> None:
    with embedded.servers(data_dir):
        kept = EmbeddedPaths(data_dir).passwords_file
    assert kept.stat().st_mode & 0o077 == 0
    assert len(set(json.loads(kept.read_text()).values())) == 4


def test_the_database_refuses_a_connection_without_its_password(embedded_servers: embedded.Urls) -> None:
    for url in (
        embedded_servers.database,
        embedded_servers.database_owner,
        embedded_servers.database_superuser,
    ):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url, password="guess")  # noqa: S106 -- a wrong password


def test_the_embedded_database_writes_commits_to_disk(data_dir: Path) -> None:
    asked = [f"current_setting('{name}')" for name in ("fsync", "full_page_writes", "synchronous_commit")]
    with embedded.servers(data_dir) as urls, psycopg.connect(urls.database) as connection:
        assert connection.execute(f"SELECT {', '.join(asked)}").fetchone() == ("on", "on", "on")


@pytest.fixture
def ledger(embedded_servers: embedded.Urls) -> Iterator[None]:
    """A table of the owner, dropped afterwards: the tests' database may be copied from this one."""
    with psycopg.connect(embedded_servers.database_owner) as owner:
        owner.execute("CREATE TABLE ledger (id bigint GENERATED ALWAYS AS IDENTITY, entry text)")
    yield
    with psycopg.connect(embedded_servers.database_owner) as owner:
        owner.execute("DROP TABLE ledger")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine ()",
        "CREATE SCHEMA mine",
        "CREATE TEMPORARY TABLE mine ()",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "SET ROLE intake_owner",
        "TRUNCATE ledger",
        "ALTER TABLE ledger ADD COLUMN more text",
        "DROP TABLE ledger",
    ],
)
@pytest.mark.usefixtures("ledger")
def test_the_role_of_the_application_cannot_change_the_schema(
    embedded_servers: embedded.Urls, statement: str
) -> None:
    with psycopg.connect(embedded_servers.database, autocommit=True) as app:
        app.execute("INSERT INTO ledger (entry) VALUES ('é')")
        app.execute("UPDATE ledger SET entry = unaccent(entry) WHERE entry % 'é'")
        app.execute("DELETE FROM ledger")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement)


def test_a_terminal_signal_does_not_reach_the_servers(data_dir: Path) -> None:
    with embedded.servers(data_dir) as urls:
        keeper = next(p for p in servers_of(data_dir) if "intake.devtools.embedded.keeper" in p.cmdline())
        assert os.getsid(keeper.pid) != os.getsid(0)
        before = count_rows(urls.database_owner)
        keeper.send_signal(signal.SIGINT)
        assert not becomes_true(lambda: keeper not in servers_of(data_dir), seconds=1)
        assert count_rows(urls.database_owner) == before + 1
