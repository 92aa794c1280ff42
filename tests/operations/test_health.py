"""`/healthz` and `/readyz`."""

import json
import os
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, Self

import psycopg
import pytest
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from pytest_django import Settings

from intake.operations import health
from intake.outbox.wake import broker_answers
from intake.startup_checks import BYPASS_QUERY
from tests.database_roles import as_owner


def test_healthz_answers_without_the_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert answer["Content-Type"].startswith("text/plain")
    assert "no-store" in answer["Cache-Control"]


@pytest.fixture
def served_by_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests connect as the owner; another test covers the check of the role."""
    monkeypatch.setitem(health.CHECKS, "role", lambda: True)


@pytest.mark.django_db
@pytest.mark.usefixtures("served_by_the_application")
def test_a_working_portal_is_ready(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database": True,
        "role": True,
        "broker": True,
        "storage": True,
        "invariants": None,
        "encrypted": True,
        "confined": True,
        "scanned": False,
    }


@pytest.mark.django_db
@pytest.mark.usefixtures("served_by_the_application")
@pytest.mark.parametrize("access", [{}, {"files": True, "sockets": False}], ids=["unknown", "one permitted"])
def test_a_kernel_that_does_not_confine_is_reported_and_the_portal_serves(
    access: dict[str, bool], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "refused_access", lambda: access)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["confined"]) == (200, False)


@pytest.mark.django_db
@pytest.mark.usefixtures("served_by_the_application")
def test_a_server_that_is_reached_in_clear_is_reported_and_the_portal_serves(
    client: Client, settings: Settings
) -> None:
    settings.UNENCRYPTED_SERVERS = ("DATABASE_URL",)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["encrypted"]) == (200, False)


@pytest.mark.django_db
@pytest.mark.usefixtures("served_by_the_application")
@pytest.mark.parametrize("missing", ["database", "role", "broker", "storage"])
def test_a_missing_dependency_is_named_and_the_portal_is_not_ready(
    client: Client, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(health.CHECKS, missing, lambda: False)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "database": True,
        "role": True,
        "broker": True,
        "storage": True,
        missing: False,
        "ready": False,
        "invariants": None,
        "encrypted": True,
        "confined": True,
        "scanned": False,
    }


@pytest.mark.django_db
def test_a_failing_database_is_reported_as_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", fail)
    assert health.database_answers() is False


@pytest.mark.django_db
def test_the_owner_of_the_tables_is_not_ready_to_serve(client: Client) -> None:
    with as_owner():
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["database"], answer.json()["role"]) == (True, False)


def test_the_role_of_the_application_bypasses_no_rule(
    app_connection: psycopg.Connection[tuple[Any, ...]],
) -> None:
    assert app_connection.execute(BYPASS_QUERY).fetchone() == (False,)


@pytest.mark.parametrize("made", ["media/documents", "media", ""])
def test_a_missing_folder_is_ready_if_it_can_be_created(
    made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "media" / "documents"
    (tmp_path / made).mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(health, "default_storage", FileSystemStorage(location=place))
    assert health.storage_answers() is True


def test_a_file_instead_of_the_folder_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "media").write_text("")
    monkeypatch.setattr(
        health, "default_storage", FileSystemStorage(location=tmp_path / "media" / "documents")
    )
    assert health.storage_answers() is False


# -- The checks, with their dependencies replaced


class _Cursor:
    """A cursor that returns one row for one statement."""

    def __init__(self, row: tuple[object, ...] | None, asked: list[str]) -> None:
        self.row, self.asked = row, asked

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None: ...

    def execute(self, statement: str) -> None:
        self.asked.append(statement)

    def fetchone(self) -> tuple[object, ...] | None:
        return self.row


def connected(monkeypatch: pytest.MonkeyPatch, row: tuple[object, ...] | None) -> list[str]:
    asked: list[str] = []
    monkeypatch.setattr(health, "connection", SimpleNamespace(cursor=lambda: _Cursor(row, asked)))
    return asked


def _fail(*_given: object) -> NoReturn:
    raise OperationalError


def test_the_health_of_a_database_depends_on_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = connected(monkeypatch, (1,))
    assert health.database_answers() is True
    assert asked == ["SELECT 1"]
    connected(monkeypatch, None)
    assert health.database_answers() is False
    monkeypatch.setattr(health, "connection", SimpleNamespace(cursor=_fail))
    assert health.database_answers() is False
    assert health.role_owns_nothing() is False


def test_a_role_that_may_change_the_tables_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for row, answer in (((False,), True), ((True,), False)):
        asked = connected(monkeypatch, row)
        assert health.role_owns_nothing() is answer
        assert asked == [health.BYPASS_QUERY]  # type: ignore[attr-defined]  # -- health imports it
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [
        ("ERROR", "DATABASE_URL is of a role that may change the tables")
    ]


def test_a_failing_storage_is_logged_with_its_error_class(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(health, "default_storage", InMemoryStorage())
    assert health.storage_answers() is True
    monkeypatch.setattr(health, "default_storage", SimpleNamespace(exists=asked.append))
    assert health.storage_answers() is True
    assert asked == ["readyz"]
    monkeypatch.setattr(health, "default_storage", SimpleNamespace(exists=_fail))
    assert health.storage_answers() is False
    assert caplog.messages == ["the storage does not answer: OperationalError"]
    folder = FileSystemStorage(location=tmp_path / "a" / "b")
    monkeypatch.setattr(health, "default_storage", folder)
    may: list[tuple[Path, int]] = []

    def access(path: Path, how: int) -> bool:
        may.append((path, how))
        return len(may) == 1

    monkeypatch.setattr(os, "access", access)
    assert (health.storage_answers(), health.storage_answers()) == (True, False)
    assert may == [(tmp_path, os.W_OK | os.X_OK)] * 2
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")  # a broken link exists, and is no folder
    monkeypatch.setattr(os, "access", lambda *_given: True)
    assert health.storage_answers() is False


def test_each_health_check_is_run_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {
        "database": health.database_answers,
        "role": health.role_owns_nothing,
        "broker": broker_answers,
        "storage": health.storage_answers,
    } == health.CHECKS
    for name, check in (("database", all), ("role", any), ("broker", all), ("storage", any)):
        monkeypatch.setitem(health.CHECKS, name, partial(check, ()))
    assert health.check_readiness() == {"database": True, "role": False, "broker": True, "storage": False}
    found = [True, False, None]
    monkeypatch.setattr(health, "invariants_hold", lambda: found.pop(0))
    assert [health.last_invariant_check() for _time in range(3)] == [True, False, None]
    monkeypatch.setattr(health, "invariants_hold", _fail)
    assert health.last_invariant_check() is None


@pytest.mark.parametrize("broken", ["", "database", "broker"])
def test_readyz_reports_each_check(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {name: name != broken for name in ("database", "broker")}
    monkeypatch.setattr(health, "check_readiness", lambda: answers)
    monkeypatch.setattr(health, "last_invariant_check", lambda: False)
    invariants = None if broken == "database" else False
    monkeypatch.setattr(health, "scanner_answers", lambda: not broken)
    said = health.readyz(RequestFactory().get("/readyz"))
    assert said.status_code == (503 if broken else 200)
    expected = {
        "ready": not broken,
        **answers,
        "invariants": invariants,
        "encrypted": True,
        "confined": True,
        "scanned": not broken,
    }
    assert json.loads(said.content) == expected
    assert "no-store" in said["Cache-Control"]
    assert health.readyz(RequestFactory().post("/readyz")).status_code == 405
    up = health.healthz(RequestFactory().get("/healthz"))
    assert (up.content, up["Content-Type"]) == (b"ok", "text/plain; charset=utf-8")
    assert health.healthz(RequestFactory().post("/healthz")).status_code == 405
