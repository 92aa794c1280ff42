"""Process that runs the embedded servers of one `DATA_DIR` while they have users.

The first user starts it. It starts PostgreSQL and Valkey as its children, detaches from the terminal, and then tries
to take an exclusive lock on the file on which every user has a shared lock. It gets that lock when the last user has
ended, normally or not; it then stops the servers and ends.
"""

import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from . import postgres, valkey
from .identity import server_identity
from .places import NO_PORT, EmbeddedError, EmbeddedPaths, FileLock, Ports

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

POLL_SECONDS = 0.1
READY = b"ready"
WITHOUT_POSTGRES = "--without-postgres"  # Valkey only: the database is on another server


def main() -> int:
    """Start the servers of the folder in the first argument; return when they are ready, with the keeper running."""
    places = EmbeddedPaths(Path(sys.argv[1]))
    with_postgres = WITHOUT_POSTGRES not in sys.argv[2:]
    listening, telling = os.pipe()
    if os.fork():
        os.close(telling)
        with os.fdopen(listening, "rb") as answer:
            message = answer.read()
        if message != READY:
            sys.stderr.write(message.decode() or f"the embedded servers' keeper died; see {places.log_file}")
            return 1
        return 0
    os.close(listening)
    os.setsid()
    os.chdir("/")
    with places.log_file.open("ab") as log, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    try:
        supervise(places, telling, with_postgres=with_postgres)
    except EmbeddedError as error:
        os.write(telling, str(error).encode())
        return 1
    return 0


def supervise(places: EmbeddedPaths, telling: int, *, with_postgres: bool) -> None:
    """Start the servers, write READY to `telling`, and stop them when they have no user left.

    :raises EmbeddedError: if a server does not start.
    """
    life = FileLock(places.keeper)
    life.take()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    holders = FileLock(places.holders)
    places.ports_file.unlink(missing_ok=True)
    servers: list[tuple[subprocess.Popen[bytes], Callable[[subprocess.Popen[bytes]], None]]] = []
    try:
        programs = (postgres.binaries() / "postgres",) if with_postgres else ()
        identity = server_identity(places.postgres, reach=(*programs, places.postgres))
        ports = Ports(postgres=free_port() if with_postgres else NO_PORT, valkey=free_port())
        if with_postgres:
            postgres.make_cluster(places, identity)
            servers.append((postgres.start(places, identity, ports.postgres), postgres.stop))
            postgres.make_roles(places, ports.postgres)
        servers.append((valkey.start(places, identity, ports.valkey), valkey.stop))
        places.write_ports(ports)
        os.write(telling, READY)
        os.close(telling)
        while places.holders.exists() and all(server.poll() is None for server, _stop in servers):
            if holders.try_acquire():
                break
            time.sleep(POLL_SECONDS)
    finally:
        places.ports_file.unlink(missing_ok=True)
        for server, stop in reversed(servers):
            stop(server)


def free_port() -> int:
    """Return a port of the loopback interface on which no process listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    raise SystemExit(main())
