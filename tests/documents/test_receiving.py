"""Files that a request may write to disk before its user is known."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import RequestFactory

from intake.documents import receiving
from intake.documents.temp_dirs import base_directory

MIB = 1024 * 1024


@contextmanager
def _received(*contents: bytes) -> Iterator[list[TemporaryUploadedFile]]:
    sent = {
        f"file-{index}": SimpleUploadedFile(f"{index}.pdf", content) for index, content in enumerate(contents)
    }
    request = RequestFactory().post("/", sent)
    files = [request.FILES[name] for name in sent]
    try:
        yield [file for file in files if isinstance(file, TemporaryUploadedFile)]
    finally:
        request.close()


def test_a_file_within_limits_is_received_complete() -> None:
    content = os.urandom(2 * MIB)
    with _received(content) as (file,):
        assert (file.size, file.read()) == (len(content), content)
        path = Path(file.temporary_file_path())
        assert path.parent == base_directory()  # the sweep of killed processes' files covers this directory
    assert not path.exists()


def test_all_files_of_a_request_share_one_limit_and_keep_their_real_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(receiving, "MAX_REQUEST_FILE_BYTES", 3 * MIB)
    with _received(b"a" * 2 * MIB, b"b" * 4 * MIB, b"c" * MIB) as files:
        assert [file.size for file in files] == [2 * MIB, 4 * MIB, MIB]
        written = [Path(file.temporary_file_path()).stat().st_size for file in files]
    assert written == [2 * MIB, MIB, 0]
