"""`/healthz` and `/readyz`."""

import errno
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, time
from typing import Any, NoReturn

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from intake.documents.isolated_process import is_confined
from intake.operations import readiness
from intake.outbox.heartbeats import PROCESSES, Heart
from intake.settings import services
from intake.web import storage
from tests.database_roles import as_owner
from tests.web.s3_server import url_of

WELL = {
    "ready": True,
    "database": True,
    "version": True,
    "role": True,
    "migrated": True,
    "clock": True,
    "storage": True,
    "broker": True,
    "cache": True,
    "mail": True,
    "invariants": None,
    "encrypted": True,
    "confined": True,
    "scanned": False,
    "beats": False,
}


@pytest.fixture(autouse=True)
def nothing_was_asked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "PROBES", readiness.make_probes())


def test_healthz_answers_without_the_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert answer["Content-Type"].startswith("text/plain")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_a_working_portal_is_ready(client: Client) -> None:
    is_confined()  # as at the start of a web server
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, WELL)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_all_has_what_to_do_for_each_failed_check_and_the_processes(client: Client) -> None:
    Heart(*PROCESSES[1:]).beat()
    told = client.get("/readyz?all").json()
    assert told["checks"]["database"] == {"status": "ok", "needed": True, "to_do": ""}
    assert told["checks"]["scanned"] == {
        "status": "failed",
        "needed": False,
        "to_do": "Set CLAMD_URL, or start clamd: without it files are accepted unscanned, with it they wait. "
        "docs/operations/probes.md#scanned",
    }
    assert told["checks"]["invariants"]["status"] == "unknown"
    assert told["checks"]["beats"]["status"] == "failed"
    assert told["processes"]["beat"] == {"status": "failed", "silent_seconds": None}
    assert {told["processes"][name]["status"] for name in PROCESSES[1:]} == {"ok"}


def test_the_page_of_probes_has_a_section_for_each_check() -> None:
    page = Path("docs/operations/probes.md").read_text()
    assert [name for name in readiness.TO_DO if f"\n## {name}\n" not in page] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "failed,ready",
    [
        ({"database": False}, False),
        ({"version": False}, False),
        ({"role": False}, False),
        ({"migrated": False}, False),
        ({"storage": False}, False),
        (
            {
                "clock": False,
                "broker": False,
                "cache": False,
                "mail": False,
                "confined": False,
                "invariants": False,
            },
            True,
        ),
    ],
)
def test_only_what_a_filing_needs_changes_the_verdict(
    client: Client, monkeypatch: pytest.MonkeyPatch, failed: dict[str, bool], *, ready: bool
) -> None:
    said = {name: answer for name, answer in WELL.items() if name not in {"ready", "encrypted", "beats"}}
    probe = readiness.Probe("all", lambda: said | failed, every=5)
    monkeypatch.setattr(readiness, "PROBES", [probe])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200 if ready else 503,
        WELL | failed | {"beats": None, "ready": ready},
    )


@pytest.mark.django_db
def test_a_server_that_is_reached_in_clear_is_reported_and_the_portal_serves(
    client: Client, settings: Settings
) -> None:
    settings.UNENCRYPTED_SERVERS = ("DATABASE_URL",)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["encrypted"]) == (200, False)


# -- The database -----------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_owner_of_the_tables_is_not_ready_to_serve(caplog: pytest.LogCaptureFixture) -> None:
    assert readiness.ask_database()["role"] is True
    with as_owner():
        assert readiness.ask_database()["role"] is False
    assert "DATABASE_URL is of a role that may change the tables" in caplog.messages


@pytest.mark.django_db
def test_a_database_that_takes_no_writes_takes_no_filing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    assert readiness.ask_database()["database"] is False


@pytest.mark.django_db
def test_a_role_that_may_only_read_takes_no_filing() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("REVOKE INSERT ON submissions_filing FROM intake_app")
    assert readiness.ask_database()["role"] is False


@pytest.mark.django_db
@pytest.mark.parametrize("seconds, passes", [(0, True), (1.5, True), (-1.5, True), (60, False), (-60, False)])
def test_a_clock_that_differs_from_the_databases_is_reported(
    monkeypatch: pytest.MonkeyPatch, seconds: float, *, passes: bool
) -> None:
    monkeypatch.setattr(readiness, "time", lambda: time() + seconds)
    assert readiness.ask_database()["clock"] is passes


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM django_migrations WHERE name LIKE '0002%'",
        "ALTER TABLE django_migrations RENAME TO of_another_name",
    ],
    ids=["migrations that are not applied", "a blank database"],
)
def test_a_database_without_the_migrations_of_this_version_takes_no_filing(statement: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('outbox', '9999_later', now())"
        )
        assert readiness.ask_database()["migrated"] is True
        cursor.execute(statement)
        said = readiness.ask_database()
    assert (said["database"], said["migrated"], "invariants" in said) == (True, False, False)


@pytest.mark.django_db
def test_a_database_before_the_oldest_version_takes_no_filing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "OLDEST_SERVER", 99)
    assert readiness.ask_database()["version"] is False


@pytest.mark.django_db
@pytest.mark.parametrize("holds", [True, False, None])
def test_the_last_check_of_the_invariants_is_reported(
    client: Client, monkeypatch: pytest.MonkeyPatch, *, holds: bool | None
) -> None:
    monkeypatch.setattr(readiness, "invariants_hold", lambda: holds)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["invariants"]) == (200, holds)


# -- The storage ------------------------------------------------------------------------------------------------
def _full(*_given: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "full")


def _in_folder(settings: Settings, folder: Path) -> None:
    settings.STORAGES = settings.STORAGES | {"default": services.storage(folder.as_uri())}


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["", "missing", "a file", "full"])
def test_the_storage_must_take_a_file(
    client: Client, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    folder = tmp_path / "media"
    _in_folder(settings, folder)
    if fault == "a file":
        folder.write_text("")
    elif fault != "missing":
        folder.mkdir()
    if fault == "full":
        monkeypatch.setattr(os, "fsync", _full)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["storage"]) == ((503, False) if fault else (200, True))
    assert not folder.exists() if fault == "missing" else [*folder.rglob("tried-*")] == []


@pytest.mark.django_db
def test_the_storage_is_written_to_once_in_some_seconds(
    client: Client, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_folder(settings, tmp_path)
    asked: list[str] = []
    monkeypatch.setattr(storage.DurableFileSystemStorage, "try_file", lambda _self: asked.append("asked"))
    assert {client.get("/readyz").status_code for _each in range(5)} == {200}
    assert len(asked) == 1


# -- Frozen servers ---------------------------------------------------------------------------------------------
@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a server that is stopped: its kernel takes connections and data, and nobody answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


@pytest.mark.django_db(transaction=True)
def test_servers_that_are_frozen_are_reported_within_two_seconds(
    client: Client, mute: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    address: Any = connection.settings_dict
    monkeypatch.setitem(address, "HOST", "127.0.0.1")
    monkeypatch.setitem(address, "PORT", mute)
    settings.CACHES = services.caches(f"redis://127.0.0.1:{mute}/1")
    settings.MAILERS = {"default": services.mailer(f"smtp://127.0.0.1:{mute}")}
    settings.STORAGES = settings.STORAGES | {"default": services.storage(url_of(mute))}
    settings.VIRUS_SCANNER = services.virus_scanner(f"tcp://127.0.0.1:{mute}")
    is_confined()
    before = threading.active_count()
    for _time in range(3):
        start = monotonic()
        answer = client.get("/readyz")
        assert monotonic() - start < 2
        assert answer.status_code == 503
        found = answer.json()
        assert [name for name, well in found.items() if well] == ["broker", "encrypted", "confined"]
    assert threading.active_count() <= before + len(readiness.PROBES), "what hangs is not asked again"


@pytest.mark.django_db
def test_a_check_that_fails_is_logged_with_the_class_of_its_error(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> NoReturn:
        raise OperationalError

    monkeypatch.setattr(readiness, "ask_database", fail)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, False)
    assert caplog.messages[:1] == ["the check of the database failed: OperationalError"]
