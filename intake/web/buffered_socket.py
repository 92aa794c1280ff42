"""A connection of the web server on which no thread waits for the client.

The poller of the process receives a request, and sends an answer, at the client's own pace. A thread has the request
once all of it came; what the client does not take of the answer at once, it leaves here.
"""

import errno
import logging
import os
import re
import socket
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO, Any, Final

from .request_wait import StampedSocket

logger = logging.getLogger(__name__)

PATIENCE: Final = 30.0
"""Seconds that a client may stop in the middle of a request or of an answer."""
SILENCE: Final = 5.0
"""Seconds until the first byte of a request."""
SLOWEST: Final = 8 * 1024
"""Bytes a second, on average: a slower client is left, however steadily it sends or reads."""
MAX_HEAD: Final = 64 * 1024
MAX_BODY: Final = 64 * 1024 * 1024
"""Bytes of a request, as in `deploy/Caddyfile`: nobody can fill the disk by one request."""
_STEP: Final = 256 * 1024
_IN_MEMORY: Final = 256 * 1024
"""Bytes; a longer request, or the rest of an answer, is in a file without a name."""
_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_EXPECTS: Final = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


_NO_ROOM: Final = (
    "Ce n'est pas votre faute : le portail n'a plus de place pour recevoir des fichiers en ce moment. Réessayez dans "
    "quelques minutes. / This is not your fault: the portal has no room left to receive files at the moment. Try again "
    "in a few minutes."
)


class UnreadableRequestError(Exception):
    """The client ended in the middle of its request, or announced one that is too long, or of no length.

    Or there is no room for it: `sentence` says so, in the character set of gunicorn's own page.
    """

    code = "unreadable_request"

    def __init__(self, status: HTTPStatus, sentence: str = "") -> None:
        super().__init__(status.phrase)
        self.status, self.sentence = status, sentence


@dataclass(slots=True)
class _Part:
    """Bytes of an answer that are still to be sent: from `at` to `end` in `file`."""

    file: IO[bytes]
    at: int
    end: int
    is_open: bool
    """True if more of the answer may be written at its end."""


class BufferedSocket(StampedSocket):
    """A connection that the poller serves by `receive` and `flush`, and threads by the methods of a socket."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._came = bytearray()
        self._request: IO[bytes] | None = None
        self._missing = 0
        self._unsent: deque[_Part] = deque()
        self._when_sent: list[Callable[[], None]] = []
        self.start()

    def start(self, patience: float = PATIENCE) -> None:
        """Begin to wait for the client, which is to send or take its first byte within `patience` seconds."""
        self._began, self._moved = time.monotonic(), 0
        self.deadline = self._began + patience

    def _move(self, size: int) -> None:
        self._moved += size
        self.deadline = min(time.monotonic(), self._began + self._moved / SLOWEST) + PATIENCE

    # Of the poller.

    def receive(self) -> bool:
        """Receive what has come, without waiting; return whether a thread can have a whole request.

        :raises UnreadableRequestError: if none will come, although it began.
        :raises OSError: if the client is gone.
        """
        if not self._missing:
            self._forget_request()  # the one before
        if self._take(b""):  # it came with the one before
            return True
        try:
            data = super().recv(_STEP, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        if data:
            self._move(len(data))
            return self._take(data)
        if self._came or self._request is not None:
            raise UnreadableRequestError(HTTPStatus.BAD_REQUEST)
        raise ConnectionResetError(errno.ECONNRESET, "the client left")

    def _take(self, data: bytes) -> bool:
        self._came += data
        if self._request is None and not self._begin():
            return False
        request, size = self._request, min(self._missing, len(self._came))
        assert request is not None  # noqa: S101 -- for the types: `_begin` opened it
        try:
            request.write(self._came[:size])
            if size == self._missing:
                request.seek(0)
        except OSError as error:
            logger.error("there is no room for a request: errno %s", error.errno)  # noqa: TRY400 -- the traceback would only add its path
            raise UnreadableRequestError(HTTPStatus.SERVICE_UNAVAILABLE, _NO_ROOM) from error
        del self._came[:size]
        self._missing -= size
        return not self._missing

    def _begin(self) -> bool:
        """Take the head of a request, if it is whole."""
        end = self._came.find(_END_OF_HEAD)
        if end < 0 and len(self._came) <= MAX_HEAD:
            return False
        end += len(_END_OF_HEAD)
        if not 0 < end <= MAX_HEAD:
            raise UnreadableRequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        head = bytes(self._came[:end])
        if _CHUNKED.search(head):  # Django reads no body without a length, and the proxy always gives one
            raise UnreadableRequestError(HTTPStatus.LENGTH_REQUIRED)
        # Without one clear length, gunicorn refuses the request by its head, or reads no body: it gets the head alone.
        lengths = _LENGTH.findall(head)
        self._missing = int(lengths[0]) if len(lengths) == 1 else 0
        if self._missing > MAX_BODY:
            raise UnreadableRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        del self._came[:end]
        self._request = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 -- closed with its connection
        self._request.write(head)
        if len(self._came) < self._missing and _EXPECTS.search(head):
            self.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    @property
    def is_silent(self) -> bool:
        """True if nothing of a request came."""
        return not self._came and not self._missing

    @property
    def has_next(self) -> bool:
        """True if bytes of a next request came with the last one."""
        return bool(self._came)

    @property
    def held(self) -> int:
        """Bytes that the process keeps of the request and of the answer."""
        request = self._request.tell() if self._request is not None else 0
        return len(self._came) + request + sum(part.end for part in self._unsent if part.is_open)

    def flush(self) -> bool:
        """Send what the client takes, without waiting; return whether all of the answer is sent.

        :raises OSError: if the client is gone.
        """
        self._forget_request()
        if self._unsent:
            part = self._unsent[0]
            part.file.seek(part.at)
            data = part.file.read(min(_STEP, part.end - part.at))
            if not data and part.at < part.end:
                raise ConnectionAbortedError(errno.ECONNABORTED, "the file of the answer became shorter")
            sent = self._send_now(data)
            part.at += sent
            if sent:
                self._move(sent)
            if part.at == part.end:
                part.file.close()
                self._unsent.popleft()
        if not self._unsent:
            self._release()
        return not self._unsent

    def discard(self) -> bool:
        """Receive and forget what has come; return whether the client has ended."""
        try:
            return not super().recv(_STEP, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Close the connection, and forget what was not sent."""
        for part in self._unsent:
            part.file.close()
        self._unsent.clear()
        self._forget_request()
        self._release()
        super().close()

    def _forget_request(self) -> None:
        if self._request is not None:
            with suppress(OSError):  # what there was no room for
                self._request.close()
            self._request = None

    def _release(self) -> None:
        while self._when_sent:
            self._when_sent.pop()()

    # Of a thread.

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Return bytes of the request, which came whole: there is nothing after it."""
        del flags
        data = self._request.read(size) if self._request is not None else b""
        if not data:
            raise ConnectionResetError(errno.ECONNRESET, "nothing comes after a whole request")
        return data

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send what the client takes at once, and keep the rest."""
        del flags
        rest = memoryview(data)
        if not self._unsent:
            rest = rest[self._send_now(rest) :]
        if not rest:
            return
        if not self._unsent or not self._unsent[-1].is_open:
            self._unsent.append(_Part(tempfile.SpooledTemporaryFile(_IN_MEMORY), 0, 0, is_open=True))  # noqa: SIM115 -- closed once sent
        part = self._unsent[-1]
        part.file.seek(part.end)
        part.end += part.file.write(rest)

    def send(self, data: Any, flags: int = 0, /) -> int:
        """Do the same, as gunicorn sends what is short."""
        self.sendall(data, flags)
        return len(data)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Keep a file to send, under a descriptor of its own: the answer closes it before all is sent."""
        kept = os.fdopen(os.dup(file.fileno()), "rb")
        size = os.fstat(kept.fileno()).st_size - offset if count is None else count
        self._unsent.append(_Part(kept, offset, offset + size, is_open=False))
        return size

    def _send_now(self, data: "bytes | memoryview") -> int:
        with suppress(BlockingIOError):
            return super().send(data, socket.MSG_DONTWAIT)
        return 0

    def call_when_sent(self, call: Callable[[], None]) -> None:
        """Call `call` once the answer is sent, or the client gone."""
        self._when_sent.append(call)


def call_when_sent(environ: Mapping[str, Any], call: Callable[[], None]) -> bool:
    """Call `call` once the answer to the request of `environ` is sent, or its client gone.

    Return False, without a call, if the web server does not tell, as in tests.
    """
    connection = environ.get("gunicorn.socket")
    if not isinstance(connection, BufferedSocket):
        return False
    connection.call_when_sent(call)
    return True
