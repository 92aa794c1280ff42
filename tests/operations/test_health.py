"""`/healthz` and `/readyz`."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.storage import FileSystemStorage
from django.db import OperationalError, connection
from django.test import Client

from intake.operations import health
from intake.startup_checks import BYPASS_QUERY


def test_a_process_that_is_up_says_so_without_the_database(client: Client) -> None:
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
def test_a_portal_that_can_work_is_ready(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database": True,
        "role": True,
        "broker": True,
        "storage": True,
        "invariants": None,
    }


@pytest.mark.django_db
@pytest.mark.usefixtures("served_by_the_application")
@pytest.mark.parametrize("missing", ["database", "role", "broker", "storage"])
def test_one_thing_missing_is_named_and_the_portal_is_not_ready(
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
    }


@pytest.mark.django_db
def test_a_database_that_fails_is_no_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", fail)
    assert health.database_answers() is False


@pytest.mark.django_db
def test_the_owner_of_the_tables_is_not_ready_to_serve(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["database"], answer.json()["role"]) == (True, False)


def test_the_applications_role_steps_past_nothing(
    app_connection: psycopg.Connection[tuple[Any, ...]],
) -> None:
    assert app_connection.execute(BYPASS_QUERY).fetchone() == (False,)


@pytest.mark.parametrize("made", ["media/documents", "media", ""])
def test_a_folder_not_made_yet_is_ready_if_it_can_be_made(
    made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "media" / "documents"
    (tmp_path / made).mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(health, "default_storage", FileSystemStorage(location=place))
    assert health.storage_answers() is True


def test_a_file_in_the_folders_place_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "media").write_text("")
    monkeypatch.setattr(
        health, "default_storage", FileSystemStorage(location=tmp_path / "media" / "documents")
    )
    assert health.storage_answers() is False
