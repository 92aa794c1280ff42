"""Client of clamd, the scanner of ClamAV: a file that it does not find clean is not accepted.

Protocol: https://docs.clamav.net/manual/Usage/ClamdProtocol.html. A command and its answer end with a NUL byte; a file
is sent in blocks that start with their length, and a block of length 0 ends it.
"""

import logging
import re
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import BinaryIO, Final

from django.conf import settings

from intake.settings.services import VirusScanner
from intake.web.circuit_breaker import CircuitBreaker

from .child.refusal import Reason
from .reasons import UploadRefused

logger = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 3.0
SCAN_SECONDS: Final = 10.0
"""Seconds for one file, from the connection to the answer. Most files take less than one."""
_PING_SECONDS: Final = 1.0
_BLOCK: Final = 64 * 1024
_LONGEST_ANSWER: Final = 1024
_FOUND: Final = re.compile(r"stream: (.+) FOUND", re.DOTALL)
_UNSCANNED: Final = "Heuristics.Limits.Exceeded"
"""Start of the name under which clamd reports that it stopped before the end of a file (option AlertExceedsMax)."""


class ScannerUnavailableError(UploadRefused):
    """The scanner did not answer in time, or did not scan the whole file. Nothing is known of the file: try again."""

    code = Reason.SCANNER_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__(self.code, {})


class VirusFoundError(UploadRefused):
    """The scanner recognised a virus."""

    code = Reason.VIRUS_FOUND

    def __init__(self) -> None:
        super().__init__(self.code, {})


def scan_file(path: Path) -> None:
    """Scan the file at `path` with the scanner of the settings; return if it is clean, or if there is no scanner.

    At most `SCAN_SECONDS`. After a failure, files are refused at once until the scanner answers again.

    :raises VirusFoundError: if the scanner recognises a virus; the log has the name of the virus alone.
    :raises ScannerUnavailableError: if the scanner fails, is too slow, or did not scan the whole file.
    """
    scanner = settings.VIRUS_SCANNER
    if scanner is None:
        return
    if _breaker.is_open:
        raise ScannerUnavailableError
    try:
        with path.open("rb") as file:
            answer = _scan(scanner, file)
        found = _FOUND.fullmatch(answer)
        if not found and answer != "stream: OK":
            raise ValueError  # noqa: TRY301 -- an error of the scanner is an answer outside the protocol
    except OSError as error:
        _breaker.trip(error)
        raise ScannerUnavailableError from error
    except ValueError as error:
        # The scanner works, and refused this file: a limit of its configuration, a lack of memory or of disk.
        logger.error("the virus scanner did not scan a file")  # noqa: TRY400 -- the traceback adds nothing
        raise ScannerUnavailableError from error
    if found:
        name = re.sub(r"[^\w.-]", "_", found[1], flags=re.ASCII)[:100]
        logger.warning("virus_found name=%s", name)
        raise ScannerUnavailableError if name.startswith(_UNSCANNED) else VirusFoundError


def scanner_answers() -> bool:
    """True if there is a scanner, and it answers."""
    return not _breaker.is_open and _ping()


def _ping() -> bool:
    scanner = settings.VIRUS_SCANNER
    if scanner is None:
        return False
    try:
        with _connected(scanner, _PING_SECONDS) as (connection, ends):
            connection.sendall(b"zPING\0")
            return _read_answer(connection, ends) == "PONG"
    except (OSError, ValueError):
        return False


_breaker: Final = CircuitBreaker("the virus scanner", _ping)


def _scan(scanner: VirusScanner, file: BinaryIO) -> str:
    with _connected(scanner, SCAN_SECONDS) as (connection, ends):
        try:
            connection.sendall(b"zINSTREAM\0")
            while block := file.read(_BLOCK):
                _wait_until(connection, ends)
                connection.sendall(struct.pack("!L", len(block)) + block)
            connection.sendall(struct.pack("!L", 0))
        except (BrokenPipeError, ConnectionResetError):
            # It has answered and closed, as it does beyond its StreamMaxLength: the answer says why, if it arrives.
            pass
        return _read_answer(connection, ends)


@contextmanager
def _connected(scanner: VirusScanner, seconds: float) -> Iterator[tuple[socket.socket, float]]:
    """Yield a connection, and the instant of `monotonic` at which its use must end."""
    ends = monotonic() + seconds
    patience = min(CONNECT_SECONDS, seconds)
    if scanner.path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(patience)
            connection.connect(scanner.path)
            yield connection, ends
    else:
        with socket.create_connection((scanner.host, scanner.port), timeout=patience) as connection:
            yield connection, ends


def _read_answer(connection: socket.socket, ends: float) -> str:
    """Return the answer without its NUL, or raise ValueError if it has no end."""
    answer = b""
    while not answer.endswith(b"\0"):
        _wait_until(connection, ends)
        received = connection.recv(_LONGEST_ANSWER)
        answer += received
        if not received or len(answer) > _LONGEST_ANSWER:
            raise ValueError
    return answer[:-1].decode("utf-8", "replace")


def _wait_until(connection: socket.socket, ends: float) -> None:
    left = ends - monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)
