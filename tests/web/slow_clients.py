"""Clients that hold their connections: they read nothing, send slowly, or stop in the middle; and the others."""

import contextlib
import http.client
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import psutil

type Address = tuple[str, int]
EACH_SECONDS: Final = 0.5
"""Between two bytes of a slow client."""


def head_of(method: str, path: str, *headers: str, host: str = "127.0.0.1") -> bytes:
    """Return the head of a request."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode()


class SlowClients:
    """Connections that a test opens, and that last until `close`; those that send slowly do it from one thread."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.opened: list[socket.socket] = []
        self._slow: list[tuple[socket.socket, bytes]] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._send_slowly)
        self._thread.start()

    def close(self) -> None:
        """Stop sending, and close every connection."""
        self._stopped.set()
        self._thread.join()
        for each in self.opened:
            each.close()

    def connect(self, number: int, first: bytes = b"", *, slowly: bytes = b"", ended: bool = False) -> None:
        """Open connections that send `first`, then `slowly` a byte at a time, or nothing more if they have `ended`."""
        for _each in range(number):
            # A small window, as far away: the kernels between hold little of an answer.
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            client.settimeout(60)
            client.connect(self.address)
            self.opened.append(client)
            client.sendall(first)
            if ended:
                client.shutdown(socket.SHUT_WR)
            if slowly:
                self._slow.append((client, slowly))

    def _send_slowly(self) -> None:
        turn = 0
        while not self._stopped.wait(EACH_SECONDS):
            for client, text in list(self._slow):
                with contextlib.suppress(OSError):
                    client.sendall(text[turn % len(text) :][:1])
            turn += 1

    def still_open(self) -> int:
        """Count the connections that a process of the server still has, whatever the kernels do with their rest."""
        ours = {each.getsockname()[1] for each in self.opened}
        return sum(
            each.pid is not None and each.laddr[1:] == self.address[1:] and each.raddr[1:2][0] in ours
            for each in psutil.net_connections("tcp4")
            if each.raddr and each.laddr
        )


@contextlib.contextmanager
def slow_clients(address: Address) -> Iterator[SlowClients]:
    """Yield slow clients of a server, none yet; end them after the block."""
    clients = SlowClients(address)
    try:
        yield clients
    finally:
        clients.close()


def seconds_of(ask: Callable[[int], int], times: int, *, every: float = 0.0) -> list[float]:
    """Return how long each of `times` requests took; infinity for one without an answer, or with an error."""
    taken = []
    for turn in range(times):
        began = time.monotonic()
        try:
            good = ask(turn) < http.HTTPStatus.BAD_REQUEST
        except (OSError, http.client.HTTPException):
            good = False
        taken.append(time.monotonic() - began if good else math.inf)
        time.sleep(every)
    return taken


def get(address: Address, path: str, *, cookies: str = "", timeout: float = 10) -> int:
    """Return the status of a page, read to its end."""
    connection = http.client.HTTPConnection(*address, timeout=timeout)
    try:
        connection.request(
            "GET", path, headers={"Connection": "close"} | ({"Cookie": cookies} if cookies else {})
        )
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def p99(taken: Sequence[float]) -> float:
    """Return the 99th of a hundred durations."""
    return sorted(taken)[math.ceil(0.99 * len(taken)) - 1]
