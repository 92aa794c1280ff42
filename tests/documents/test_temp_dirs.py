"""Files that a killed process leaves are in one directory, and are deleted from it."""

import os
import stat
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from intake.documents import inspection, temp_dirs
from intake.documents.isolated_process import ProcessTimeoutError
from intake.documents.reasons import UploadRefused
from intake.documents.reclaiming import RECLAIM
from intake.documents.temp_dirs import (
    MAX_IDLE_SECONDS,
    ForeignDirectoryError,
    base_directory,
    temporary_directory,
)
from intake.dossiers import render
from intake.dossiers import services as dossiers
from intake.dossiers.child.receipt_format import NAMESPACE
from intake.dossiers.receipts import receipt_file
from intake.outbox import kinds
from intake.outbox.models import Delivery
from intake.signing.services import known_keys
from tests.factories.documents import accept, make_upload
from tests.factories.files import pdf_bytes
from tests.factories.payloads import payload, seal_payload


@pytest.fixture(autouse=True)
def apart_from_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use another base directory: other processes use the machine's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def leave_stale_directory(name: str, *, seconds: float) -> Path:
    """Leave a directory as a killed process does; its last write is `seconds` ago."""
    room = base_directory() / name
    (room / "made").mkdir(parents=True)
    (room / "made" / "clean.pdf").write_bytes(b"%PDF")
    os.utime(room, times=(time.time() - seconds, time.time() - seconds))
    return room


# -- The base directory ---
def test_the_temporary_directory_belongs_to_this_user_only(tmp_path: Path) -> None:
    assert base_directory().parent == tmp_path
    base_directory().chmod(0o755)
    assert stat.S_IMODE(base_directory().stat().st_mode) == (0o700 if os.getuid() else 0o711)


@pytest.mark.parametrize("planted", ["link", "file"])
def test_a_link_or_file_planted_in_its_place_is_not_used(planted: str, tmp_path: Path) -> None:
    name = base_directory()
    name.rmdir()
    if planted == "link":
        (tmp_path / "elsewhere").mkdir()
        name.symlink_to(tmp_path / "elsewhere")
    else:
        name.touch()
    with pytest.raises(ForeignDirectoryError), temporary_directory("upload"):
        pass
    assert not list(tmp_path.glob("elsewhere/*"))


def test_the_directory_of_another_user_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    another = os.getuid() + 1
    base_directory().rename(base_directory().with_name(f"intake-{another}"))
    monkeypatch.setattr(os, "getuid", lambda: another)
    with pytest.raises(ForeignDirectoryError):
        base_directory()


# -- Its cleaning -----
def test_an_hour_old_leftovers_are_removed_with_the_next_temporary_directory(
    caplog: pytest.LogCaptureFixture,
) -> None:
    old, young = (
        leave_stale_directory("upload-old", seconds=MAX_IDLE_SECONDS + 60),
        leave_stale_directory("dossier-young", seconds=MAX_IDLE_SECONDS - 60),
    )
    file = base_directory() / "request-old"
    file.touch()
    os.utime(file, times=(0, 0))
    with temporary_directory("render") as room:
        assert sorted(base_directory().iterdir()) == sorted([young, room])
        assert not old.exists()
    assert list(base_directory().iterdir()) == [young]
    assert "directories_left_by_killed_processes removed=2" in caplog.text


@pytest.mark.django_db
def test_the_daily_sweep_removes_stale_temporary_directories() -> None:
    old, young = (
        leave_stale_directory("upload-old", seconds=MAX_IDLE_SECONDS + 60),
        leave_stale_directory("upload-young", seconds=MAX_IDLE_SECONDS - 60),
    )
    kinds.get(RECLAIM).handler(Delivery(), timezone.now())
    assert (old.exists(), young.exists()) == (False, True)


def test_a_directory_that_cannot_be_removed_is_only_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_args: Any) -> None:
        raise PermissionError

    leave_stale_directory("upload-old", seconds=MAX_IDLE_SECONDS + 60)
    with monkeypatch.context() as patch:
        patch.setattr("intake.documents.temp_dirs.shutil.rmtree", refuse)
        context = temporary_directory("render")
        context.__enter__()
    context.__exit__(None, None, None)
    assert "a directory left by a killed process stays" in caplog.text


# -- Its users -----
@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The directories in which an isolated process would start; no process is started."""
    seen: list[Path] = []

    def run_apart(*_args: Any, room: Path, **_options: Any) -> int:
        seen.append(room)
        raise ProcessTimeoutError

    for module in (inspection, render, receipt_file):
        monkeypatch.setattr(module, "run_isolated", run_apart)
    return seen


@pytest.mark.django_db
def test_every_file_is_processed_in_the_temporary_directory(
    rooms: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UploadRefused):
        accept(pdf_bytes())
    with pytest.raises(receipt_file.UnreadableReceiptError):
        receipt_file.read_receipt(NAMESPACE.encode(), known_keys())

    def render_dossier(*args: Any, sources: Any, **options: Any) -> Any:
        rooms.extend(source.path for source in sources)
        return render.render_dossier(*args, sources=sources, **options)

    monkeypatch.setattr(dossiers, "render_dossier", render_dossier)
    with pytest.raises(render.RenderLimitError):
        dossiers.build_dossier(
            seal=seal_payload(payload=payload(), at=timezone.now()),
            number="2027-020-000123-N",
            received_at=timezone.now(),
            parts=[dossiers.FiledPart(label="CV", upload=make_upload())],
            at=timezone.now(),
        )
    names = [path.relative_to(base_directory()).parts[0].partition("-")[0] for path in rooms]
    assert names == ["upload", "receipt", "dossier", "render"]
    assert list(base_directory().iterdir()) == []


def test_a_directory_that_another_process_removed_is_not_counted(caplog: pytest.LogCaptureFixture) -> None:
    assert temp_dirs._remove_if_older(base_directory() / "gone", time.time()) is False
    assert caplog.messages == []
