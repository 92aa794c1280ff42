"""The kernel stamps the bytes of a connection: it is known when a request came, however late it is read."""

import socket
import sys
import time
from collections.abc import Iterator

import pytest

from intake.web.request_wait import StampedSocket, received_ns_of, stamp_connections

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel stamps no byte elsewhere")


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, StampedSocket]]:
    """Two ends of a connection: the client's, and the server's as a worker wraps it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stamp_connections(listener)
        with socket.create_connection(listener.getsockname()) as client:
            accepted, _address = listener.accept()
            accepted.settimeout(5)
            with StampedSocket.wrap(accepted) as server:
                yield client, server


def _came(server: StampedSocket) -> int:
    received_ns = received_ns_of({"gunicorn.socket": server})
    assert received_ns is not None
    return received_ns


def test_a_request_came_with_its_last_byte(ends: tuple[socket.socket, StampedSocket]) -> None:
    client, server = ends
    assert server.gettimeout() == 5
    client.sendall(b"GET / ")
    time.sleep(0.2)
    before = time.time_ns()
    client.sendall(b"HTTP/1.1\r\n\r\n")
    after = time.time_ns()
    time.sleep(0.2)
    received = b""
    while not received.endswith(b"\r\n\r\n"):
        received += server.recv(4)
    assert received == b"GET / HTTP/1.1\r\n\r\n"
    assert before <= _came(server) <= after


def test_the_next_request_of_a_connection_has_its_own_instant(
    ends: tuple[socket.socket, StampedSocket],
) -> None:
    client, server = ends
    client.sendall(b"first")
    assert server.recv(100) == b"first"
    first = _came(server)
    before = time.time_ns()
    client.sendall(b"second")
    assert server.recv(100) == b"second"
    assert first < before <= _came(server)


def test_a_server_that_stamps_nothing_has_no_instant() -> None:
    assert received_ns_of({}) is None
    assert received_ns_of({"gunicorn.socket": object()}) is None
