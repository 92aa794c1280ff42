"""Where the service is root's, the processes that open uploaded files are another user's."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.documents import isolated_process
from intake.documents.isolated_process import run_isolated
from intake.documents.temp_dirs import base_directory, temporary_directory

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start another user's process")

ANOTHER = isolated_process._ANOTHER_USER


@pytest.fixture
def room() -> Iterator[Path]:
    """A temporary directory of the portal's."""
    with temporary_directory("probe") as directory:
        yield directory


def user_of_a_process(room: Path, *, readable: Path | None = None) -> int:
    """Run the probe; return the user that wrote its result."""
    files = [] if readable is None else [readable]
    module = "intake.documents.child.access_probe"
    assert run_isolated(module, str(room), room=room, seconds=60, readable=files) == 0
    result = room / "result.json"
    owner = result.stat().st_uid
    assert json.loads(result.read_bytes())["root"] is (owner != 0)
    return owner


def test_a_process_of_roots_service_belongs_to_another_user(room: Path) -> None:
    assert user_of_a_process(room) == ANOTHER
    assert (room.stat().st_uid, room.stat().st_gid) == (ANOTHER, ANOTHER)
    assert stat.S_IMODE(room.stat().st_mode) == 0o700


def test_a_given_file_becomes_that_users_with_its_directory(room: Path) -> None:
    with temporary_directory("upload") as beside:
        given = beside / "received"
        given.write_bytes(b"%PDF-")
        given.chmod(0o600)
        assert user_of_a_process(room, readable=given) == ANOTHER
        assert given.stat().st_uid == beside.stat().st_uid == ANOTHER
    assert not beside.exists()


def test_a_given_file_of_root_alone_keeps_the_process_of_root(room: Path, tmp_path: Path) -> None:
    given = tmp_path / "private.pdf"
    given.write_bytes(b"%PDF-")
    given.chmod(0o600)
    assert user_of_a_process(room, readable=given) == 0


def test_a_directory_elsewhere_keeps_the_process_of_root(tmp_path: Path) -> None:
    assert user_of_a_process(tmp_path) == 0


def test_a_container_that_refuses_chown_keeps_the_process_of_root(
    room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise PermissionError

    monkeypatch.setattr(isolated_process.os, "chown", refuse)  # type: ignore[attr-defined]  # -- it imports os
    assert user_of_a_process(room) == 0


def test_other_users_cannot_list_the_temporary_directories() -> None:
    assert stat.S_IMODE(base_directory().stat().st_mode) == 0o711
