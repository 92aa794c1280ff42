"""Files that a request may write to disk before its user is known."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

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


class LostConnection(BytesIO):
    """The body of a request whose sender goes away once all that it has was read."""

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes.

        :raises ConnectionResetError: if there are none.
        """
        if found := super().read(size):
            return found
        raise ConnectionResetError


PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n'
CUT = {
    "a file in base64 that cannot be decoded": PART
    + b"Content-Transfer-Encoding: base64\r\n\r\n!\r\n--x--\r\n",
    "a connection that is lost": PART + b"\r\n%PDF-1.7" + b"a" * MIB,
}


@pytest.mark.django_db
@pytest.mark.parametrize("cut", CUT)
def test_the_file_of_an_upload_that_was_cut_is_deleted_with_its_response(
    cut: str, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    monkeypatch.setattr(receiving, "base_directory", lambda: tmp_path)
    opened: list[str | None] = []
    place = receiving.PlacedUploadedFile

    def note(name: str | None, *described: str | None) -> receiving.PlacedUploadedFile:
        opened.append(name)
        return place(name, *described)

    monkeypatch.setattr(receiving, "PlacedUploadedFile", note)
    client = Client(raise_request_exception=False)
    body: Any = {"wsgi.input": LostConnection(CUT[cut]), "CONTENT_LENGTH": str(len(CUT[cut]) + 1000)}
    address = reverse("verifier:verify")
    answer = client.generic("POST", address, CUT[cut], "multipart/form-data; boundary=x", **body)
    assert answer.status_code >= HTTPStatus.BAD_REQUEST
    assert opened == ["a.pdf"]
    assert not list(tmp_path.iterdir()), "the request is alive, and with it a file that nothing closed"
