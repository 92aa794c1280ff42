"""Clients that read nothing, send slowly or stop in the middle, many of each: the others are answered, and they end."""

import http.client
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest

from intake.devtools.embedded.keeper import free_port
from intake.web.buffered_socket import MAX_BODY, MAX_HEAD
from tests.devtools.embedded.test_proxy import proxied, running, wait_for
from tests.full_disk import full_disk
from tests.settings.environment import ROOT
from tests.web.slow_clients import SlowClients, get, head_of, slow_clients

pytestmark = pytest.mark.servers

MANY: Final = 30
"""Several times the threads of a web process."""
SIZE: Final = 9_000_000
APPLICATION: Final = """
import os, tempfile

LARGE = tempfile.TemporaryFile()
LARGE.write(os.urandom(1000) * 9000)

def application(environ, start_response):
    read = len(environ["wsgi.input"].read())
    path = environ["PATH_INFO"]
    with open(os.environ["SERVED"], "a") as served:
        served.write(f"{path} {read}\\n")
    if path == "/large":
        start_response("200 OK", [("Content-Length", "9000000")])
        file = os.fdopen(os.dup(LARGE.fileno()), "rb")
        file.seek(0)
        return environ["wsgi.file_wrapper"](file)
    if path == "/written":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (b"x" * 50_000 for _time in range(180))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(str(read))))])
    return [str(read).encode()]
"""
IMPATIENT: Final = f"""
exec(open({str(ROOT / "gunicorn.conf.py")!r}).read())
from intake.web import buffered_socket
buffered_socket.PATIENCE = buffered_socket.SILENCE = 1.0
"""
"""A configuration whose clients have a second."""
LITTLE: Final = f"""
exec(open({str(ROOT / "gunicorn.conf.py")!r}).read())
from intake import web_worker
web_worker._MOST_HELD = 2_000_000
"""
"""A configuration whose processes hold little of what clients send."""


class Server:
    """A web server with one process, configured as the portal's, before an application of the tests."""

    def __init__(self, folder: Path, *options: str, before: tuple[str, ...] = ()) -> None:
        (folder / "slowly_served.py").write_text(APPLICATION)
        self.port = free_port()
        self.served = folder / "served"
        self.served.touch()
        self.command = [
            *before,
            str(ROOT / ".venv" / "bin" / "gunicorn"),
            *("--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--access-logfile", os.devnull),
            *("--pythonpath", str(folder), *options, "slowly_served:application"),
        ]

    @contextmanager
    def run(self) -> "Iterator[Server]":
        """Run it for a block."""
        with running(self.command, SERVED=str(self.served)) as process:
            wait_for(self.port)
            self.process = process
            yield self

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return "127.0.0.1", self.port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests that leave it as it was."""
    with Server(tmp_path_factory.mktemp("web")).run() as server:
        yield server


@pytest.fixture(scope="module", params=["alone", "behind the proxy"])
def front(
    request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, int]]:
    """Where clients ask: the server itself, or the proxy before it."""
    if request.param == "alone":
        yield server.address
        return
    with proxied(tmp_path_factory.mktemp("proxy"), [server.port]) as port:
        yield "127.0.0.1", port


KINDS: Final[dict[str, Callable[[SlowClients], None]]] = {
    "read no file": lambda slow: slow.connect(MANY, head_of("GET", "/large")),
    "read nothing of what is written": lambda slow: slow.connect(MANY, head_of("GET", "/written")),
    "send nothing": lambda slow: slow.connect(MANY),
    "send a head slowly": lambda slow: slow.connect(MANY, b"GET / HTTP/1.1\r\nHost: a\r\nX: ", slowly=b"x"),
    "send a body slowly": lambda slow: slow.connect(
        MANY, head_of("POST", "/slow", "Content-Length: 9000") + b"x", slowly=b"x"
    ),
    "send no body": lambda slow: slow.connect(MANY, head_of("POST", "/slow", "Content-Length: 9000")),
    "end in the middle": lambda slow: slow.connect(
        MANY, head_of("POST", "/slow", "Content-Length: 9000") + b"x", ended=True
    ),
    "end and read nothing": lambda slow: slow.connect(
        MANY, head_of("GET", "/large", "Connection: close"), ended=True
    ),
    "never end": lambda slow: slow.connect(MANY, head_of("GET", "/", "Connection: close")),
    "send chunks": lambda slow: slow.connect(
        MANY, head_of("POST", "/slow", "Transfer-Encoding: chunked") + b"5\r\nx"
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_others_are_answered_while_many_clients(front: tuple[str, int], kind: str) -> None:
    with slow_clients(front) as slow:
        KINDS[kind](slow)
        for _time in range(10):
            assert get(front, "/", timeout=20) == 200


def test_a_request_that_is_shorter_than_announced_is_none(server: Server, front: tuple[str, int]) -> None:
    path = f"/short/{front[1]}"
    for ended in (True, False):
        with slow_clients(front) as slow:
            slow.connect(1, head_of("POST", path, "Content-Length: 10") + b"x" * 9, ended=ended)
            time.sleep(0.5)
    assert get(front, "/after") == 200
    assert path not in server.served.read_text()


def _answer(address: tuple[str, int], asked: bytes) -> bytes:
    """Return all that the server answers on one connection."""
    with socket.create_connection(address, timeout=20) as client:
        client.sendall(asked)
        with client.makefile("rb") as answer:
            return answer.read()


def test_requests_sent_at_once_are_answered_in_their_order(server: Server) -> None:
    posts = [head_of("POST", "/", f"Content-Length: {size}") + b"x" * size for size in (0, 10, 70_000)]
    last = head_of("POST", "/", "Connection: close", "Content-Length: 2") + b"xx"
    answered = _answer(server.address, b"".join([*posts, last]))
    assert [part.rpartition(b"\r\n\r\n")[2] for part in answered.split(b"HTTP/1.1 200 OK")[1:]] == [
        b"0",
        b"10",
        b"70000",
        b"2",
    ]


@pytest.mark.parametrize("size", [0, 100_000, 3_000_000])
def test_a_body_that_comes_in_parts_is_read_to_its_end(server: Server, size: int) -> None:
    with socket.create_connection(server.address, timeout=20) as client:
        for part in (
            b"POST / HTTP/1.1\r\nHo",
            b"st: a\r\nConnection: close\r\n",
            b"Content-Length: %d\r\n\r" % size,
            b"\n",
        ):
            client.sendall(part)
            time.sleep(0.05)
        client.sendall(b"x" * (size // 2))
        time.sleep(0.1)
        client.sendall(b"x" * (size - size // 2))
        with client.makefile("rb") as answer:
            assert answer.read().endswith(b"\r\n\r\n%d" % size)


def test_a_client_that_expects_100_continue_gets_it(server: Server) -> None:
    with socket.create_connection(server.address, timeout=20) as client, client.makefile("rb") as answer:
        client.sendall(head_of("POST", "/", "Connection: close", "Expect: 100-continue", "Content-Length: 3"))
        assert answer.readline() == b"HTTP/1.1 100 Continue\r\n"
        client.sendall(b"abc")
        assert answer.read().endswith(b"\r\n\r\n3")


@pytest.mark.parametrize(
    "asked, status",
    [
        (head_of("POST", "/refused", f"Content-Length: {MAX_BODY + 1}"), 413),
        (head_of("GET", "/refused", f"X: {'x' * MAX_HEAD}"), 431),
        (head_of("POST", "/refused", "Transfer-Encoding: chunked") + b"0\r\n\r\n", 411),
        (head_of("POST", "/refused", "Content-Length: 1", "Content-Length: 1") + b"x", 400),
        (head_of("POST", "/refused", "Content-Length: -1"), 400),
        (head_of("POST", "/refused", "Content-Length: 1,1") + b"x", 400),
        (b"refused\r\n\r\n", 400),
    ],
)
def test_what_cannot_be_read_is_refused_at_once(server: Server, asked: bytes, status: int) -> None:
    answered = _answer(server.address, asked)
    assert answered.startswith(b"HTTP/1.1 %d " % status)
    assert answered.count(b"HTTP/1.1") == 1
    assert "/refused" not in server.served.read_text()


def test_a_request_sent_to_a_full_disk_is_answered_by_the_reason(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    asked = head_of("POST", "/", f"Content-Length: {SIZE}", "Connection: close") + bytes(SIZE)
    with Server(tmp_path, before=("env", f"TMPDIR={temporary}")).run() as server:
        with full_disk(temporary) as is_mounted:
            if not is_mounted:
                pytest.skip("another process is limited by its own limits alone")
            answer = _answer(server.address, asked)
            other = _answer(server.address, head_of("GET", "/", "Connection: close"))
        after = _answer(server.address, asked)
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert "le portail n&#x27;a plus de place pour recevoir des fichiers" in answer.decode("latin-1")
    assert other.startswith(b"HTTP/1.1 200 OK\r\n")
    assert after.endswith(str(SIZE).encode())


@pytest.mark.parametrize("path", ["/large", "/written"])
def test_a_slow_reader_has_every_byte(server: Server, path: str) -> None:
    with slow_clients(server.address) as slow:
        slow.connect(1, head_of("GET", path))
        time.sleep(0.5)
        response = http.client.HTTPResponse(slow.opened[0])
        response.begin()
        content = response.read()
    assert len(content) == SIZE
    assert len({content[first : first + 1000] for first in range(0, SIZE, 1000)}) == 1


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose clients have a second."""
    folder = tmp_path_factory.mktemp("impatient")
    (folder / "impatient.conf.py").write_text(IMPATIENT)
    with Server(folder, "--config", str(folder / "impatient.conf.py")).run() as server:
        yield server


def test_the_server_ends_the_connections_of_each_kind_of_slow_clients(impatient: Server) -> None:
    assert _kept_by(impatient.address, KINDS) == []


@pytest.fixture(scope="module")
def impatient_proxy(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A proxy whose clients have a second, before a server whose clients have more."""
    with proxied(tmp_path_factory.mktemp("impatient_proxy"), [server.port], patience=1) as port:
        yield "127.0.0.1", port


def test_the_proxy_ends_the_connections_of_slow_clients(impatient_proxy: tuple[str, int]) -> None:
    kinds = ("read no file", "read nothing of what is written", "send nothing", "send a head slowly")
    assert _kept_by(impatient_proxy, kinds) == []


def _kept_by(address: tuple[str, int], kinds: Iterable[str]) -> list[str]:
    """Return the kinds of clients, all at once, that still have connections after a while."""
    with ExitStack() as stack:
        opened = {kind: stack.enter_context(slow_clients(address)) for kind in kinds}
        for kind, slow in opened.items():
            KINDS[kind](slow)
        time.sleep(0.5)  # for the server to accept them
        ends = time.monotonic() + 30
        while (
            kept := [kind for kind, slow in opened.items() if slow.still_open()]
        ) and time.monotonic() < ends:
            time.sleep(0.2)
        return kept


def test_the_connections_that_waited_longest_end_when_none_is_left(tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(Server(tmp_path, "--worker-connections", "20").run())
        slow, last = (stack.enter_context(slow_clients(server.address)) for _each in range(2))
        slow.connect(60)
        slow.connect(60, head_of("GET", "/large"))
        last.connect(1, head_of("POST", "/slow", "Content-Length: 9000") + b"x")
        for _time in range(10):
            assert get(server.address, "/", timeout=20) == 200
        assert last.still_open() == 1


def test_the_largest_request_ends_when_too_much_is_held(tmp_path: Path) -> None:
    (tmp_path / "little.conf.py").write_text(LITTLE)
    with ExitStack() as stack:
        server = stack.enter_context(Server(tmp_path, "--config", str(tmp_path / "little.conf.py")).run())
        small, large = (stack.enter_context(slow_clients(server.address)) for _each in range(2))
        small.connect(3, head_of("POST", "/slow", "Content-Length: 9000") + b"x")
        large.connect(2, head_of("POST", "/slow", "Content-Length: 9000000") + b"x" * 1_500_000)
        ends = time.monotonic() + 20
        while large.still_open() == len(large.opened) and time.monotonic() < ends:
            time.sleep(0.1)
        assert (small.still_open(), large.still_open()) == (3, 1)


def test_a_server_with_few_files_outlives_more_connections(tmp_path: Path) -> None:
    limit = min(400, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    few = Server(tmp_path, before=("prlimit", f"--nofile={limit}:{limit}"))
    with few.run() as server, slow_clients(server.address) as slow:
        [worker] = _children(server)
        slow.connect(limit, head_of("POST", "/", "Content-Length: 9000000"))
        assert get(server.address, "/", timeout=20) == 200
        assert _children(server) == [worker]


def _children(server: Server) -> list[int]:
    process = server.process.pid
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_a_server_that_stops_waits_for_no_silent_client(tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(Server(tmp_path).run())
        slow = stack.enter_context(slow_clients(server.address))
        slow.connect(MANY)
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
