"""Only a file that the scanner finds clean is accepted: failures, delays and half scans never accept one."""

import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from intake.documents import virus_scan
from intake.documents.child.refusal import Reason
from intake.documents.models import Upload
from intake.documents.virus_scan import ScannerUnavailableError, VirusFoundError, scan_file, scanner_answers
from intake.settings.services import VirusScanner
from intake.web.circuit_breaker import CircuitBreaker
from tests.factories.documents import accept
from tests.factories.files import pdf_bytes

# In two parts: a scanner on a developer's machine would delete this file.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + r"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()

type Answer = Callable[[socket.socket], None]


@pytest.fixture(autouse=True)
def breaker(monkeypatch: pytest.MonkeyPatch) -> Iterator[CircuitBreaker]:
    """A breaker of this test alone, which asks often."""
    own = CircuitBreaker("the virus scanner", virus_scan._ping, every=0.05)
    monkeypatch.setattr(virus_scan, "_breaker", own)
    yield own
    own.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 200_000)
    return path


def read_stream(connection: socket.socket) -> bytes:
    """Read a command INSTREAM with its file, as the protocol requires it."""
    with connection.makefile("rb") as stream:
        if stream.read(10) != b"zINSTREAM\0":
            raise OSError
        content = b""
        while length := struct.unpack("!L", stream.read(4))[0]:
            content += stream.read(length)
    return content


def say(answer: bytes) -> Answer:
    def reply(connection: socket.socket) -> None:
        read_stream(connection)
        connection.sendall(answer)

    return reply


@pytest.fixture
def listen(settings: Settings) -> Iterator[Callable[[Answer], None]]:
    """Return a function that starts a server which does `answer` for each connection, and sets it as the scanner."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()
        threads: list[threading.Thread] = []

        def serve(answer: Answer) -> None:
            while not over.is_set():
                connection, _address = server.accept()
                with connection, suppress(OSError):
                    answer(connection)

        def start(answer: Answer) -> None:
            threads.append(threading.Thread(target=serve, args=(answer,), daemon=True))
            threads[-1].start()
            settings.VIRUS_SCANNER = VirusScanner(host="127.0.0.1", port=server.getsockname()[1])

        yield start
        over.set()
        for thread in threads:
            with socket.create_connection(server.getsockname()):  # ends its last `accept`
                pass
            thread.join(5)


def test_without_a_scanner_files_are_not_scanned(file: Path) -> None:
    scan_file(file)
    assert scanner_answers() is False


def test_the_complete_file_is_sent_and_a_clean_one_is_accepted(file: Path, listen: Any) -> None:
    sent: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        sent.append(read_stream(connection))
        for part in (b"stream", b": O", b"K\0"):  # an answer may come in parts
            connection.sendall(part)

    listen(answer)
    scan_file(file)
    assert sent == [file.read_bytes()]


def test_a_virus_is_refused_and_only_its_name_is_logged(
    file: Path, listen: Any, caplog: pytest.LogCaptureFixture
) -> None:
    listen(say(b"stream: Eicar Test\n(x) FOUND\0"))
    with pytest.raises(VirusFoundError) as refused:
        scan_file(file)
    assert refused.value.code == Reason.VIRUS_FOUND
    assert caplog.messages == ["virus_found name=Eicar_Test__x_"]
    assert not virus_scan._breaker.is_open


@pytest.mark.parametrize(
    "answer",
    [
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0",
        b"stream: Can't allocate memory ERROR\0",
        b"UNKNOWN COMMAND\0",
        b"stream: OK",  # the connection closes before the end of the answer
        b"stream: OK\0stream: OK\0",
        b"",
        b"\xff" * 5000,
    ],
)
def test_an_answer_that_is_not_clean_never_accepts_a_file(answer: bytes, file: Path, listen: Any) -> None:
    listen(say(answer))
    with pytest.raises(ScannerUnavailableError) as refused:
        scan_file(file)
    assert refused.value.code == Reason.SCANNER_UNAVAILABLE
    assert "Téléversez-le de nouveau" in refused.value.reason
    assert not virus_scan._breaker.is_open, "the scanner works: other files are not refused"


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def answer_early(connection: socket.socket) -> None:
    connection.recv(10)
    connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")


def drip(connection: socket.socket) -> None:
    read_stream(connection)
    for byte in b"stream: OK\0":
        time.sleep(0.1)
        connection.sendall(bytes([byte]))


def hang(connection: socket.socket) -> None:
    read_stream(connection)
    connection.recv(1)  # until the client has enough


@pytest.mark.parametrize("behaviour", [reset, answer_early, drip, hang])
def test_a_scanner_that_fails_or_is_slow_refuses_the_file_in_time(
    behaviour: Answer, file: Path, listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(virus_scan, "SCAN_SECONDS", 0.3)
    listen(behaviour)
    started = time.monotonic()
    with pytest.raises(ScannerUnavailableError):
        scan_file(file)
    assert time.monotonic() - started < 2


def test_a_scan_may_take_longer_than_a_connection(
    file: Path, listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(virus_scan, "CONNECT_SECONDS", 0.2)

    def think(connection: socket.socket) -> None:
        read_stream(connection)
        time.sleep(0.5)
        connection.sendall(b"stream: OK\0")

    listen(think)
    scan_file(file)


def test_after_a_failure_files_are_refused_at_once_until_the_scanner_answers(
    file: Path, settings: Settings, listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def fail(*_given: object) -> str:
        tried.append(1)
        raise ConnectionRefusedError

    settings.VIRUS_SCANNER = VirusScanner(path="/nonexistent/clamd.ctl")
    with monkeypatch.context() as away:
        away.setattr(virus_scan, "_scan", fail)
        for _file in range(3):
            with pytest.raises(ScannerUnavailableError):
                scan_file(file)
        assert (len(tried), scanner_answers()) == (1, False)

    def pong(connection: socket.socket) -> None:
        if connection.recv(10) == b"zPING\0":
            connection.sendall(b"PONG\0")

    listen(pong)  # the probe of the breaker asks it
    until = time.monotonic() + 5
    while virus_scan._breaker.is_open and time.monotonic() < until:
        time.sleep(0.02)
    assert not virus_scan._breaker.is_open
    assert scanner_answers() is True


@pytest.mark.django_db
def test_a_file_is_inspected_only_once_the_scanner_found_it_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    scanned: list[bytes] = []

    def refuse(path: Path) -> None:
        scanned.append(path.read_bytes())
        raise VirusFoundError

    monkeypatch.setattr("intake.documents.services.scan_file", refuse)
    monkeypatch.setattr(
        "intake.documents.services.inspect_file",
        lambda *_given, **_named: pytest.fail("opened before its scan"),
    )
    with pytest.raises(VirusFoundError):
        accept(pdf_bytes())
    assert scanned == [pdf_bytes()]
    assert not Upload.objects.exists()


# -- Debian's clamd, with a signature database of our own --------------------------------------------------------
@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        pytest.skip("no clamd here: apt-get install clamav-daemon")
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "database").mkdir()
    (folder / "database" / "own.ndb").write_text(f"Own.Eicar:0:*:{EICAR.hex()}\n")
    control = folder / "clamd.ctl"
    (folder / "clamd.conf").write_text(
        f"Foreground yes\nLocalSocket {control}\nDatabaseDirectory {folder}/database\nStreamMaxLength 2M\n"
        f"MaxFileSize 1M\nMaxScanSize 1M\nAlertExceedsMax yes\nTemporaryDirectory {folder}\n"
    )
    folder.chmod(0o755)
    with subprocess.Popen(
        [program, f"--config-file={folder}/clamd.conf"], stdout=subprocess.DEVNULL
    ) as server:
        until = time.monotonic() + 60
        while not control.exists() and server.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        yield control
        server.terminate()


@pytest.mark.servers
@pytest.mark.full
def test_clamd_itself_finds_a_virus_and_refuses_what_it_scanned_in_part(
    clamd: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VIRUS_SCANNER = VirusScanner(path=str(clamd))
    assert scanner_answers()
    path = tmp_path / "file"
    path.write_bytes(pdf_bytes())
    scan_file(path)
    for content in (EICAR, b"%PDF-1.7\n" + os.urandom(100_000) + EICAR):
        path.write_bytes(content)
        with pytest.raises(VirusFoundError):
            scan_file(path)
    for size in (1_500_000, 3_000_000):  # more than it scans; more than it receives
        path.write_bytes(b"a" * size)
        with pytest.raises(ScannerUnavailableError):
            scan_file(path)
        virus_scan._breaker.close()
    settings.VIRUS_SCANNER = VirusScanner(path=str(clamd) + "-nowhere")
    with pytest.raises(ScannerUnavailableError):
        scan_file(path)
