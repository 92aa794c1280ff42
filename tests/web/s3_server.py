"""A real S3 server, and what stands between it and the portal and fails in its place."""

import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

BUCKET: Final = "documents"
KEY, SECRET = "portail", "un/secret+d’essai"
_QUOTED: Final = "un%2Fsecret%2Bd%E2%80%99essai"

type Fault = Callable[[socket.socket], None]


def free_port() -> int:
    """Return a port that no server had a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def url_of(port: int, prefix: str = "essai") -> str:
    """Return the address of the bucket, for `STORAGE_URL`."""
    return f"s3://{KEY}:{_QUOTED}@127.0.0.1:{port}/{BUCKET}?scheme=http&region=ca-central-1&prefix={prefix}"


@contextmanager
def s3_server(folder: Path) -> Iterator[int]:
    """Run the server, with its objects below `folder` and the bucket in it; yield its port."""
    (folder / BUCKET).mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [sys.executable, "-m", "nanio", "serve", "--data-dir", str(folder), "--host", "127.0.0.1"]
    command += ["--port", str(port), "--log-level", "error", "--no-access-log", "--region", "ca-central-1"]
    credentials = {"NANIO_ACCESS_KEY": KEY, "NANIO_SECRET_KEY": SECRET}
    with subprocess.Popen(command, env=os.environ | credentials) as server:
        try:
            until = time.monotonic() + 30
            while server.poll() is None and time.monotonic() < until:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.05)
            yield port
        finally:
            server.terminate()


class FaultyProxy:
    """A proxy in front of the server. While `fault` is set, each connection has it instead of the server."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self.fault: Fault | None = None
        self.connections = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def fail(self, fault: Fault) -> None:
        """Have `fault` from now on, also on the connections that are open."""
        self.fault = fault
        self._end_all()

    def recover(self) -> None:
        """Pass everything on again."""
        self.fault = None
        self._end_all()

    def close(self) -> None:
        """End all."""
        self._server.close()
        self._end_all()

    def _end_all(self) -> None:
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._open.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _address = self._server.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self.fault is not None:
                self.fault(connection)
                return
            with socket.create_connection(("127.0.0.1", self._upstream)) as upstream:
                back = threading.Thread(target=_pump, args=(upstream, connection), daemon=True)
                back.start()
                _pump(connection, upstream)
                back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def hangs(connection: socket.socket) -> None:
    """Take the request, and say nothing until the client leaves."""
    while connection.recv(65536):
        pass


def resets(connection: socket.socket) -> None:
    """Break the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def answers(status: str, headers: str = "") -> Fault:
    """Return the fault that answers each request with `status`, as the server would."""

    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(
            f"HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )

    return answer


def drips(connection: socket.socket) -> None:
    """Send a file one byte at a time, each well within the time that a client waits for one."""
    is_head = connection.recv(65536).startswith(b"HEAD")
    connection.sendall(
        b'HTTP/1.1 206 Partial Content\r\nContent-Length: 1000\r\nETag: "x"\r\nConnection: close\r\n'
        b"Content-Range: bytes 0-999/1000\r\nLast-Modified: Sun, 29 Nov 2026 00:00:00 GMT\r\n\r\n"
    )
    while not is_head:
        connection.sendall(b"x")
        time.sleep(0.05)
