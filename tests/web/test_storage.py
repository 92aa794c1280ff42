"""A file is on the disk, and its name too, before `save` returns."""

import os
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.utils.module_loading import import_string

from intake.settings import services


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What was flushed, in order: number of the file or folder, and its size then."""
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


def test_a_disk_that_takes_nothing_is_an_error_and_not_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        _of_the_settings(tmp_path).save("one.pdf", ContentFile(b"whole"))
