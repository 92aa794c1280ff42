"""A bucket keeps files as a folder does, and its outages end in time, are remembered and are over by themselves."""

import io
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.utils.module_loading import import_string

from intake.settings import services
from intake.web import s3_storage
from intake.web.s3_storage import S3Storage
from intake.web.storage import StorageUnavailableError
from tests.web.s3_server import (
    BUCKET,
    Fault,
    FaultyProxy,
    answers,
    drips,
    free_port,
    hangs,
    resets,
    s3_server,
    url_of,
)

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("s3")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[int]:
    with s3_server(folder) as port:
        yield port


@pytest.fixture
def proxy(server: int) -> Iterator[FaultyProxy]:
    between = FaultyProxy(server)
    yield between
    between.close()


def storage_at(url: str) -> Any:
    chosen = services.storage(url)
    return import_string(chosen["BACKEND"])(**chosen["OPTIONS"])


@pytest.fixture
def bucket(server: int) -> S3Storage:
    storage = storage_at(url_of(server))
    assert isinstance(storage, S3Storage)
    return storage


def content_of(storage: Storage, name: str) -> bytes:
    with storage.open(name) as file:
        content: bytes = file.read()
    return content


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "bucket":
        found: Storage = request.getfixturevalue("bucket")
        return found
    made: Storage = storage_at(tmp_path.as_uri())
    return made


def test_a_bucket_keeps_files_as_a_folder_does(storage: Storage) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    names = [storage.save("kept/one.pdf", ContentFile(part)) for part in (b"first", b"second")]
    assert names[0] == "kept/one.pdf" != names[1], "a file is never replaced"
    storage.save("kept/below/two.pdf", File(io.BytesIO(b"")))
    assert [content_of(storage, name) for name in (*names, "kept/below/two.pdf")] == [
        b"first",
        b"second",
        b"",
    ]
    assert [storage.size(name) for name in names] == [5, 6]
    assert before < storage.get_modified_time(names[0]) < datetime.now(UTC) + timedelta(seconds=2)
    folders, files = storage.listdir("kept")
    assert (folders, sorted(files)) == (["below"], sorted(name.removeprefix("kept/") for name in names))
    storage.delete(names[0])
    storage.delete(names[0])
    assert [storage.exists(name) for name in names] == [False, True]
    for ask in (storage.open, storage.size, storage.get_modified_time):
        with pytest.raises(FileNotFoundError):
            ask(names[0])


@pytest.mark.full
def test_a_large_file_is_read_from_anywhere_and_again(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_storage, "_BLOCK", 100_000)
    archive = io.BytesIO()
    content = os.urandom(350_000)
    with ZipFile(archive, "w") as written:
        written.writestr("a", content)
        written.writestr("b", b"last")
    name = storage.save("large.zip", File(archive))
    file = storage.open(name, "rb")
    with ZipFile(file) as read:
        assert (read.read("b"), read.read("a")) == (b"last", content)
    file.seek(-3, io.SEEK_END)
    assert len(file.read()) == 3
    assert file.size == len(archive.getvalue())
    file.close()
    with file.open() as again:
        assert b"".join(again.chunks(33_333)) == archive.getvalue()


@pytest.mark.full
def test_a_bucket_has_more_files_than_one_answer_lists(bucket: S3Storage, folder: Path) -> None:
    many = folder / BUCKET / "essai" / "many"
    many.mkdir(parents=True)
    for number in range(1005):
        (many / f"{number}.pdf").touch()
    assert len(set(bucket.listdir("many")[1])) == 1005


def test_a_bucket_is_tried_with_a_file_that_is_removed(server: int, folder: Path) -> None:
    storage_at(url_of(server)).try_file()
    assert [*(folder / BUCKET).rglob("tried-*")] == []
    with pytest.raises(StorageUnavailableError):
        storage_at(url_of(server).replace(f"/{BUCKET}?", "/nowhere?")).try_file()


def test_a_file_of_a_bucket_has_no_address_for_browsers(bucket: S3Storage) -> None:
    with pytest.raises(NotImplementedError):
        bucket.url("kept/one.pdf")


def test_only_the_right_secret_opens_the_bucket(server: int) -> None:
    wrong = storage_at(url_of(server).replace("portail:un", "portail:autre"))
    with pytest.raises(StorageUnavailableError):
        wrong.exists("kept/one.pdf")
    assert not wrong.answers()
    elsewhere = storage_at(url_of(server).replace(f"/{BUCKET}?", "/nowhere?"))
    assert not elsewhere.answers(), "the server answers, without this bucket"


def test_a_name_that_another_process_takes_meanwhile_is_left_to_it(
    bucket: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bucket.save("raced.pdf", ContentFile(b"first"))
    client = bucket._own_client()
    put = client.put_object
    heads: list[dict[str, Any]] = []

    def taken_once(**asked: Any) -> Any:
        assert (asked["IfNoneMatch"], asked["Body"].tell()) == ("*", 0), "each attempt sends the whole file"
        if len(heads) == 0:
            heads.append(asked)
            asked["Body"].read()  # a server reads the file before it refuses the name
            taken: Any = {"ResponseMetadata": {"HTTPStatusCode": 412}}
            raise ClientError(taken, "PutObject")
        return put(**asked)

    monkeypatch.setattr(client, "put_object", taken_once)
    monkeypatch.setattr(Storage, "get_available_name", lambda _self, name: f"other-{name}")
    assert bucket._save("raced.pdf", ContentFile(b"second")) == "other-raced.pdf"
    assert [content_of(bucket, name) for name in (first, "other-raced.pdf")] == [b"first", b"second"]


# -- Outages -----------------------------------------------------------------------------------------------------
FAULTS: dict[str, Fault] = {
    "hangs": hangs,
    "resets": resets,
    "drips": drips,
    "500": answers("500 Internal Server Error"),
    "503": answers("503 Slow Down"),
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times a tenth of those of the portal, so that a test is short."""
    monkeypatch.setattr(s3_storage, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(s3_storage, "READ_SECONDS", 0.3)
    monkeypatch.setattr(s3_storage, "_LEAST_SECONDS", 0.3)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name == "hangs" else pytest.mark.full) for name in FAULTS],
)
def test_an_outage_ends_in_time_is_remembered_and_is_over_by_itself(name: str, proxy: FaultyProxy) -> None:
    storage = storage_at(url_of(proxy.port))
    storage._breaker._every = 0.05
    kept = storage.save("kept.pdf", ContentFile(b"kept"))
    proxy.fail(FAULTS[name])
    started = time.monotonic()
    with pytest.raises(StorageUnavailableError):
        storage.open(kept)
    assert time.monotonic() - started < 4
    assert storage._breaker.is_open
    started = time.monotonic()
    calls: list[Callable[[], object]] = [
        lambda: storage.save("new.pdf", ContentFile(b"new")),
        lambda: storage.exists(kept),
        lambda: storage.delete(kept),
        lambda: storage.listdir(""),
    ]
    for call in calls:
        with pytest.raises(StorageUnavailableError):
            call()
    assert time.monotonic() - started < 0.2, "nobody waits for a server that is known not to answer"
    proxy.recover()
    until = time.monotonic() + 10
    while storage._breaker.is_open and time.monotonic() < until:
        time.sleep(0.02)
    assert content_of(storage, kept) == b"kept"


@pytest.mark.usefixtures("impatient")
def test_a_server_that_is_not_there_is_an_outage_also_while_a_file_is_sent() -> None:
    storage = storage_at(url_of(free_port()))
    with pytest.raises(StorageUnavailableError):
        storage._save("new.pdf", ContentFile(b"x" * 1000))
    assert storage._breaker.is_open
    storage._breaker.close()
