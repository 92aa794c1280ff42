"""Constants of the app, its temporary directories, the isolated process and the command, exactly."""

import io
import os
import stat
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from intake.documents import isolated_process, reclaiming, temp_dirs
from intake.documents.inspection import Inspection
from intake.documents.management.commands import inspect_upload
from intake.documents.models import Upload
from intake.documents.reclaiming import MIN_AGE, Reclaimed

MIB = 1024 * 1024


# -- Constants, and the isolated process ---


def test_the_limits_of_documents_are_the_documented_ones() -> None:
    assert inspect_upload.DEFAULT_PAGES == {
        "CV": 3,
        "MOTIVATION_LETTER": 2,
        "TRANSCRIPT": 20,
        "ENROLMENT_PROOF": 10,
        "RECOMMENDATION": 3,
        "OTHER": 10,
    }
    assert (inspect_upload.DEFAULT_BYTES, reclaiming.RECLAIM) == (10 * MIB, "UPLOADS_RECLAIM")
    assert (temp_dirs.MAX_IDLE_SECONDS, MIN_AGE.total_seconds()) == (3600, 86_400)
    assert str(Upload(original_name="cv.pdf")) == "cv.pdf"


def test_an_isolated_process_inherits_no_environment_or_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def run(command: list[str], **options: Any) -> Any:
        asked.update(options, command=command)
        return SimpleNamespace(returncode=-9)

    monkeypatch.setattr(isolated_process.subprocess, "run", run)  # type: ignore[attr-defined]  # -- it imports subprocess
    for name in isolated_process._LIBRARIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DYLD_LIBRARY_PATH", "/lib")
    ended = isolated_process.run_isolated(
        "a.module", "x", room=tmp_path, seconds=7, environment={"HOME": "/given"}
    )
    nothing = isolated_process.subprocess.DEVNULL  # type: ignore[attr-defined]  # -- it imports subprocess
    environment = asked.pop("env")
    assert (ended, asked) == (
        -9,
        {
            "command": [isolated_process.sys.executable, "-P", "-s", "-m", "a.module", "x"],  # type: ignore[attr-defined]  # -- it imports sys
            "check": False,
            "cwd": tmp_path,
            "stdin": nothing,
            "stdout": nothing,
            "stderr": nothing,
            "timeout": 7,
            "close_fds": True,
            "start_new_session": True,
            "user": None,  # this room is not in a directory of the portal's
            "group": None,
            "extra_groups": None,
        },
    )
    assert environment == {
        "DYLD_LIBRARY_PATH": "/lib",
        "PYTHONPATH": str(Path(isolated_process.__file__).parents[2]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "1",
        "LC_ALL": "C.UTF-8",
        "INTAKE_PARENT": str(os.getpid()),
        "HOME": "/given",
        "TMPDIR": str(tmp_path),
    }


def test_links_and_pipes_of_an_isolated_process_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, room = tmp_path / "secret", tmp_path / "room"
    secret.write_text("a key")
    (room / "within").mkdir(parents=True)

    def run(_command: list[str], **_options: Any) -> Any:
        (room / "kept.pdf").write_text("kept")
        for link in ("clean.pdf", "within/clean.pdf"):
            (room / link).symlink_to(secret)
        (room / "folder").symlink_to(tmp_path)
        os.mkfifo(room / "result.json")
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(isolated_process.subprocess, "run", run)  # type: ignore[attr-defined]  # -- it imports subprocess
    assert isolated_process.run_isolated("a.module", room=room, seconds=7) == 0
    assert sorted(path.name for path in room.rglob("*")) == ["kept.pdf", "within"]
    assert secret.read_text() == "a key"


# -- Temporary directories ---


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return temp_dirs.base_directory()


def test_a_temporary_directory_is_empty_absolute_and_removed_at_the_end(place: Path, tmp_path: Path) -> None:
    assert place == tmp_path / f"intake-{os.getuid()}"
    assert stat.S_IMODE(place.stat().st_mode) == (0o700 if os.getuid() else 0o711)
    with temp_dirs.temporary_directory("upload") as room:
        assert room.name.startswith("upload-")
        assert (room.parent, room.is_absolute(), list(room.iterdir())) == (place.resolve(), True, [])
    assert not room.exists()


@pytest.mark.parametrize("seconds, stays", [(3590, True), (3620, False)])
@pytest.mark.parametrize("make", [Path.mkdir, Path.touch], ids=["a room", "a file"])
def test_files_and_directories_left_for_an_hour_are_removed(
    make: Callable[[Path], None], seconds: int, *, stays: bool, place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    left = place / "left"
    make(left)
    os.utime(left, times=(time.time() - seconds,) * 2)
    temp_dirs.remove_stale_directories()
    assert left.exists() is stays
    assert caplog.messages == ([] if stays else ["directories_left_by_killed_processes removed=1"])


def test_an_already_removed_or_unremovable_directory_is_not_counted(
    place: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert temp_dirs._remove_if_older(place / "gone", time.time()) is False
    assert caplog.messages == []
    left = place / "left"
    left.touch()

    def fail(_path: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", fail)
    assert temp_dirs._remove_if_older(left, time.time() + 9) is False
    assert caplog.messages == ["a directory left by a killed process stays: PermissionError"]


def test_the_daily_sweep_reclaims_uploads_a_day_old(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[Any] = []

    def reclaim_uploads(*, before: datetime) -> Reclaimed:
        asked.append(before)
        return Reclaimed(uploads=2, files=3)

    monkeypatch.setattr(reclaiming, "remove_stale_directories", lambda: asked.append("rooms"))
    monkeypatch.setattr(reclaiming, "reclaim_uploads", reclaim_uploads)
    caplog.set_level("INFO")
    reclaiming.reclaim(SimpleNamespace(), datetime(2026, 9, 30, tzinfo=UTC))  # type: ignore[arg-type]  # -- the handler does not read it
    assert asked == ["rooms", datetime(2026, 9, 29, tzinfo=UTC)]
    assert caplog.messages == ["uploads_reclaimed uploads=2 files=3"]


# -- The command


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("absent", "--kind", "CV"), "absent is not a file"),
        (
            (__file__, "--kind", "X"),
            "--kind X: not one of CV, ENROLMENT_PROOF, MOTIVATION_LETTER, OTHER, RECOMMENDATION, TRANSCRIPT",
        ),
        ((__file__, "--kind", "CV", "--out", "absent/x.pdf"), "absent is not a directory"),
    ],
)
def test_the_command_reports_bad_arguments(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError) as stopped:
        call_command("inspect_upload", *arguments, "--name", "cv.pdf")
    assert (str(stopped.value), stopped.value.returncode) == (message, 2)


def test_the_command_reports_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def fail(path: Path, **options: Any) -> Inspection:
        asked.update(options, path=path)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(inspect_upload, "inspect_file", fail)
    (tmp_path / "x").touch()
    with pytest.raises(CommandError) as stopped:
        call_command(
            "inspect_upload", str(tmp_path / "x"), "--name", "n", "--kind", "TRANSCRIPT", stdout=io.StringIO()
        )
    assert (str(stopped.value), stopped.value.returncode) == ("[Errno 28] No space left on device", 2)
    assert asked.pop("into").name.startswith("inspect-")
    assert asked == {"path": tmp_path / "x", "name": "n", "max_pages": 20, "max_bytes": 10 * MIB}
