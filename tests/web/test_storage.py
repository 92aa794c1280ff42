"""`save` returns after file and name are on the disk. A file gets its name only when it is complete."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.utils.module_loading import import_string

from intake.documents.models import Upload
from intake.settings import services
from intake.web.storage import PARTIAL_FOLDER, copy_stored, fsync_path


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Flushes to the disk, in order: inode of the file or folder, and its size at that time."""
    seen: list[tuple[int, int]] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        found = os.fstat(descriptor)
        seen.append((found.st_ino, found.st_size))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return seen


def _of_the_settings(folder: Path) -> FileSystemStorage:
    chosen = services.storage(folder.as_uri())
    storage = import_string(chosen["BACKEND"])(**chosen["OPTIONS"])
    assert isinstance(storage, FileSystemStorage)
    return storage


def test_a_file_and_every_folder_that_leads_to_it_are_flushed(
    tmp_path: Path, flushed: list[tuple[int, int]]
) -> None:
    top = tmp_path / "media"
    name = _of_the_settings(top).save("receipts/ab/one.pdf", ContentFile(b"%PDF-1.7 whole"))
    assert name == "receipts/ab/one.pdf"
    (number, size), *folders = flushed
    assert (number, size) == ((top / name).stat().st_ino, 14)
    assert [inode for inode, _size in folders] == [
        folder.stat().st_ino for folder in (top / "receipts/ab", top / "receipts", top)
    ]


def test_a_full_disk_raises_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        _of_the_settings(tmp_path).save("one.pdf", ContentFile(b"whole"))
    assert _files_in(tmp_path) == []


class _Filling(ContentFile[bytes]):
    """Content whose write fails with a full disk halfway. `seen`: the files in the folder at that moment."""

    def __init__(self, folder: Path) -> None:
        super().__init__(b"whole")
        self.folder, self.seen = folder, [""]

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        del chunk_size
        yield b"%PDF-1.7 the first half" * 10_000
        self.seen = _files_in(self.folder)
        raise OSError(28, "No space left on device")


def _files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_disk_that_fills_half_way_leaves_no_file_under_the_name(tmp_path: Path) -> None:
    storage, content = _of_the_settings(tmp_path), _Filling(tmp_path)
    with pytest.raises(OSError, match="No space left"):
        storage.save("receipts/one.pdf", content)
    assert len(content.seen) == 1
    assert content.seen[0].startswith(f"{PARTIAL_FOLDER}/"), (
        "a kill would leave this file, to which no row refers"
    )
    assert _files_in(tmp_path) == []
    assert storage.save("receipts/one.pdf", ContentFile(b"whole")) == "receipts/one.pdf"
    assert _files_in(tmp_path) == ["receipts/one.pdf"]


def test_an_existing_file_is_not_replaced_and_modes_follow_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = _of_the_settings(tmp_path)
    storage.save("ab/cd/one.pdf", ContentFile(b"first"))
    # Another worker took the name after this one had found it free.
    names = iter(["ab/cd/one.pdf", "ab/cd/two.pdf"])
    monkeypatch.setattr(storage, "get_available_name", lambda *_given, **_options: next(names))
    assert storage.save("ab/cd/one.pdf", ContentFile(b"second")) == "ab/cd/two.pdf"
    assert [(tmp_path / f"ab/cd/{name}.pdf").read_bytes() for name in ("one", "two")] == [b"first", b"second"]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "ab").rglob("*")} == {0o700, 0o600}


def test_a_file_opened_to_be_flushed_is_closed_after_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    opened = len(list(Path("/proc/self/fd").iterdir()))
    fsync_path(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            fsync_path(tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == opened


def test_a_stored_file_is_copied_to_a_path_and_again(tmp_path: Path) -> None:
    storage = _of_the_settings(tmp_path / "media")
    upload = Upload(file=storage.save("one.pdf", ContentFile(b"%PDF-1.7 whole")))
    upload.file.storage = storage
    for copy in (tmp_path / "one", tmp_path / "two"):
        assert copy_stored(upload.file, copy).read_bytes() == b"%PDF-1.7 whole"
        assert upload.file.closed
    lost = Upload(file="lost.pdf").file
    lost.storage = storage
    with pytest.raises(FileNotFoundError):
        copy_stored(lost, tmp_path / "three")
