"""`/healthz` and `/readyz`."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from intake.operations import health
from tests.database_roles import as_owner


def test_healthz_answers_without_the_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert answer["Content-Type"].startswith("text/plain")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
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
@pytest.mark.parametrize("access", [{}, {"files": True, "sockets": False}], ids=["unknown", "one permitted"])
def test_a_kernel_that_does_not_confine_is_reported_and_the_portal_serves(
    access: dict[str, bool], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "refused_access", lambda: access)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["confined"]) == (200, False)


@pytest.mark.django_db
def test_a_server_that_is_reached_in_clear_is_reported_and_the_portal_serves(
    client: Client, settings: Settings
) -> None:
    settings.UNENCRYPTED_SERVERS = ("DATABASE_URL",)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["encrypted"]) == (200, False)


@pytest.mark.django_db
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
    assert (health.database_answers(), health.role_owns_nothing()) == (False, False)


@pytest.mark.django_db
def test_the_owner_of_the_tables_is_not_ready_to_serve(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with as_owner():
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["database"], answer.json()["role"]) == (True, False)
    assert "DATABASE_URL is of a role that may change the tables" in caplog.messages


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


def test_a_failing_storage_is_logged_with_its_error_class(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(health, "default_storage", InMemoryStorage())
    assert health.storage_answers() is True
    monkeypatch.setattr(health, "default_storage", SimpleNamespace(exists=_fail))
    assert health.storage_answers() is False
    assert caplog.messages == ["the storage does not answer: OperationalError"]
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")  # a broken link exists, and is no folder
    monkeypatch.setattr(health, "default_storage", FileSystemStorage(location=tmp_path / "a" / "b"))
    assert health.storage_answers() is False
    monkeypatch.setattr(health, "default_storage", FileSystemStorage(location=tmp_path / "c"))
    monkeypatch.setattr(os, "access", lambda *_given: False)
    assert health.storage_answers() is False


def _fail(*_given: object) -> NoReturn:
    raise OperationalError


@pytest.mark.django_db
def test_the_last_check_of_the_invariants_is_reported_while_the_database_answers(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for holds, said in ((lambda: True, True), (lambda: False, False), (_fail, None)):
        monkeypatch.setattr(health, "invariants_hold", holds)
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["invariants"]) == (200, said)
    assert "no-store" in answer["Cache-Control"]
    monkeypatch.setattr(health, "scanner_answers", lambda: True)
    assert client.get("/readyz").json()["scanned"] is True
    monkeypatch.setitem(health.CHECKS, "database", lambda: False)
    monkeypatch.setattr(health, "invariants_hold", lambda: True)
    assert client.get("/readyz").json()["invariants"] is None
