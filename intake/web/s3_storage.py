"""File storage in a bucket of an S3 server. Nothing in it has a public or signed address: views read and send files.

Each file is one object, written by one request: it exists whole or not at all. Every call ends in bounded time, and an
outage is remembered, so that the next calls fail at once until the server answers again.
"""

import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from time import monotonic
from typing import IO, TYPE_CHECKING, Any, Final, override
from uuid import uuid4

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from django.core.files.storage import Storage
from urllib3.exceptions import HTTPError

from .circuit_breaker import CircuitBreaker
from .storage import PARTIAL_FOLDER, StorageUnavailableError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CONNECT_SECONDS: Final = 3.0
READ_SECONDS: Final = 10.0
"""Seconds without a byte from the server."""
_ATTEMPTS: Final = 2
_PROBE_SECONDS: Final = 1.0
_LEAST_SECONDS: Final = 15.0
_LEAST_RATE: Final = 256 * 1024
"""Bytes a second. A file takes `_LEAST_SECONDS` and its size at this rate, however slowly its bytes flow."""
_BLOCK: Final = 4 * 1024 * 1024
"""Bytes read by one request: most files in one, and the memory that an open file takes."""
_CHUNK: Final = 64 * 1024
_NOT_THERE, _TAKEN, _TOO_MANY, _SERVER_ERROR = 404, 412, 429, 500  # HTTP
_OURS: Final = "saved-by"  # metadata of an object: which call of `save` wrote it


class S3Storage(Storage):
    """Files below `prefix` in a bucket. A call raises `StorageUnavailableError` if the server does not do it."""

    def __init__(
        self,
        *,
        endpoint: str,
        region: str,
        bucket: str,
        prefix: str,
        access_key: str,
        secret_key: str,
    ) -> None:
        self._endpoint, self._region = endpoint, region
        self._access_key, self._secret_key = access_key, secret_key
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._lock = threading.Lock()
        self._client: tuple[int, S3Client] | None = None
        self._breaker = CircuitBreaker("the storage", self.answers)

    # -- Django's interface ------------------------------------------------------------------------------------
    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            message = "files of a bucket are read here, and written by `save`"
            raise ValueError(message)
        return _S3File(self, name)

    def _save(self, name: str, content: IO[Any]) -> str:
        # The file under Django's: that one is false without a name, and botocore would send nothing.
        body: IO[bytes] = getattr(content, "file", None) or content
        size = body.seek(0, io.SEEK_END)
        mine = uuid4().hex
        while True:
            body.seek(0)
            try:
                with self._calls(name) as client:
                    client.put_object(
                        Bucket=self._bucket,
                        Key=self._key(name),
                        Body=_TimedBody(body, size),  # type: ignore[arg-type]  # -- botocore reads, seeks and tells
                        ContentLength=size,
                        IfNoneMatch="*",  # never over another file; a server that does not know it ignores it
                        Metadata={_OURS: mine},
                    )
            except FileExistsError:
                # An attempt may have written it although its answer was lost: then this file is ours.
                if self._head(name)["Metadata"].get(_OURS) == mine:
                    return name
                name = self.get_available_name(name)
            else:
                return name

    @override
    def delete(self, name: str) -> None:
        with self._calls(name) as client:
            client.delete_object(Bucket=self._bucket, Key=self._key(name))

    @override
    def exists(self, name: str) -> bool:
        try:
            self._head(name)
        except FileNotFoundError:
            return False
        return True

    @override
    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Return the folders and files in `path`, by pages of 1,000; none if there is no such folder."""
        top = self._key(f"{path.strip('/')}/" if path.strip("/") else "")
        folders: list[str] = []
        files: list[str] = []
        with self._calls(path) as client:
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=top, Delimiter="/"
            )
            for page in pages:
                folders += [each["Prefix"][len(top) : -1] for each in page.get("CommonPrefixes", [])]
                files += [each["Key"][len(top) :] for each in page.get("Contents", []) if each["Key"] != top]
        return folders, files

    @override
    def size(self, name: str) -> int:
        return int(self._head(name)["ContentLength"])

    @override
    def get_modified_time(self, name: str) -> datetime:
        """Return an aware instant."""
        modified: datetime = self._head(name)["LastModified"]
        return modified

    # -- The server --------------------------------------------------------------------------------------------
    def answers(self) -> bool:
        """True if the server shows the bucket within about two seconds. Asks it even during an outage."""
        client = self._connect(connect=_PROBE_SECONDS, read=_PROBE_SECONDS, attempts=1)
        try:
            client.head_bucket(Bucket=self._bucket)
        except (BotoCoreError, ClientError):
            return False
        finally:
            client.close()
        return True

    def try_file(self) -> None:
        """Put a small file and delete it, within about two seconds each. Asks the server even during an outage.

        :raises StorageUnavailableError: if the server does not.
        """
        client = self._connect(connect=_PROBE_SECONDS, read=_PROBE_SECONDS, attempts=1)
        key = self._key(f"{PARTIAL_FOLDER}/tried-{uuid4()}")
        try:
            client.put_object(Bucket=self._bucket, Key=key, Body=b"tried")
            client.delete_object(Bucket=self._bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            raise StorageUnavailableError from error
        finally:
            client.close()

    def read_range(self, name: str, start: int, size: int, version: str) -> bytes:
        """Return `size` bytes of a file from `start`, if it still has the ETag `version`."""
        ends = _deadline(size)
        data = bytearray()
        try:
            with self._calls(name) as client:
                answer = client.get_object(
                    Bucket=self._bucket,
                    Key=self._key(name),
                    Range=f"bytes={start}-{start + size - 1}",
                    IfMatch=version,
                )
                with closing(answer["Body"]) as body:
                    # `read` would wait for as many bytes as it is asked for, however slowly they come.
                    while chunk := body._raw_stream.read1(_CHUNK):  # type: ignore[attr-defined]  # noqa: SLF001 -- botocore has no other way
                        data += chunk
                        if monotonic() > ends or len(data) > size:
                            raise TimeoutError
        except FileExistsError as changed:
            raise StorageUnavailableError from changed
        if len(data) != size:
            raise StorageUnavailableError
        return bytes(data)

    def find(self, name: str) -> tuple[int, str]:
        """Return the size and the ETag of a file."""
        found = self._head(name)
        return int(found["ContentLength"]), found["ETag"]

    def _head(self, name: str) -> Any:
        with self._calls(name) as client:
            return client.head_object(Bucket=self._bucket, Key=self._key(name))

    def _key(self, name: str) -> str:
        return self._prefix + name.replace("\\", "/")

    @contextmanager
    def _calls(self, name: str) -> Iterator["S3Client"]:
        """Yield a client; raise what its errors mean. After an outage, raise at once until the server answers.

        :raises FileNotFoundError: if there is no file `name`.
        :raises FileExistsError: if there is one, or it changed meanwhile.
        :raises StorageUnavailableError: if the server does not answer in time, or refuses.
        """
        if self._breaker.is_open:
            raise StorageUnavailableError
        try:
            yield self._own_client()
        except ClientError as error:
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERROR))
            if status == _NOT_THERE and error.response.get("Error", {}).get("Code") != "NoSuchBucket":
                raise FileNotFoundError(name) from error
            if status == _TAKEN:
                raise FileExistsError(name) from error
            if status >= _SERVER_ERROR or status == _TOO_MANY:
                self._breaker.trip(error)
            raise StorageUnavailableError from error
        except (BotoCoreError, HTTPError, TimeoutError) as error:
            self._breaker.trip(error)
            raise StorageUnavailableError from error

    def _own_client(self) -> "S3Client":
        """Return this process's client: connections that a fork shares would mix up their answers."""
        with self._lock:
            if self._client is None or self._client[0] != os.getpid():
                client = self._connect(connect=CONNECT_SECONDS, read=READ_SECONDS, attempts=_ATTEMPTS)
                self._client = os.getpid(), client
            return self._client[1]

    def _connect(self, *, connect: float, read: float, attempts: int) -> "S3Client":
        config = Config(
            signature_version="s3v4",
            connect_timeout=connect,
            read_timeout=read,
            retries={"mode": "standard", "total_max_attempts": attempts},
            max_pool_connections=16,
            # Each request signs the SHA-256 of its body: the server stores what was sent or refuses. Other checksums
            # and addresses with the bucket's name are not known to all servers.
            s3={"addressing_style": "path", "payload_signing_enabled": True},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self._endpoint,
            region_name=self._region,
            aws_access_key_id=self._access_key,
            aws_secret_access_key=self._secret_key,
            config=config,
        )


class _S3File(File[bytes]):
    """A stored file, open for reading; its first block is read at once, so that an outage is known before a response.

    :raises FileNotFoundError: if there is none.
    """

    def __init__(self, storage: S3Storage, name: str) -> None:
        self._storage = storage
        super().__init__(io.BufferedReader(_Reader(storage, name)), name)

    @override
    def open(self, mode: str | None = None, *_args: Any, **_options: Any) -> "_S3File":
        """Go back to the start; read the file again if it was closed."""
        if self.closed:
            self.file = io.BufferedReader(_Reader(self._storage, str(self.name)))
        self.seek(0)
        return self


class _Reader(io.RawIOBase):
    """A file of a bucket as a stream that can be positioned, read block by block."""

    def __init__(self, storage: S3Storage, name: str) -> None:
        self._size, version = storage.find(name)
        self._fetch: Callable[[int, int], bytes] = lambda start, size: storage.read_range(
            name, start, size, version
        )
        self._position = self._start = 0
        self._block = b""
        self._load()

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def tell(self) -> int:
        return self._position

    @override
    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    @override
    def readinto(self, buffer: Any) -> int:
        if self._position >= self._size:
            return 0
        if not self._start <= self._position < self._start + len(self._block):
            self._load()
        within = self._position - self._start
        part = self._block[within : within + len(buffer)]
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)

    def _load(self) -> None:
        size = min(_BLOCK, self._size - self._position)
        self._block = self._fetch(self._position, size) if size > 0 else b""
        self._start = self._position


class _TimedBody:
    """The bytes to send. A server that takes them too slowly gets no more of them."""

    def __init__(self, body: IO[bytes], size: int) -> None:
        self._body = body
        self._ends = _deadline(size)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes.

        :raises TimeoutError: once the time for this file is over.
        """
        if monotonic() > self._ends:
            raise TimeoutError
        return self._body.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position."""
        return self._body.seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._body.tell()


def _deadline(size: int) -> float:
    """Return the instant of `monotonic` at which the transfer of `size` bytes must end."""
    return monotonic() + _LEAST_SECONDS + size / _LEAST_RATE
