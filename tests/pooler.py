"""PgBouncer, started from `deploy/pgbouncer.ini` in a folder of its own."""

import configparser
import contextlib
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit, urlunsplit

from intake.devtools.embedded.identity import Identity, server_identity
from intake.devtools.embedded.keeper import free_port

DOCUMENTED = Path(__file__).parents[1] / "deploy" / "pgbouncer.ini"
START_SECONDS = 20
SYSTEM_FOLDER = "/usr/sbin"


def pgbouncer() -> str:
    """Return the path of PgBouncer.

    :raises FileNotFoundError: if this machine has none; the message says what to install.
    """
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path=SYSTEM_FOLDER)
    if found is None:
        message = (
            "PgBouncer is missing: run sh scripts/setup --tests, or install the Debian package pgbouncer"
        )
        raise FileNotFoundError(message)
    return found


class PgBouncer:
    """A pooler in transaction mode, as documented, in front of the database of a URL. Can be killed and started."""

    def __init__(self, folder: Path, database: str, **settings: str) -> None:
        self._program = pgbouncer()
        self.folder = folder
        self.port = free_port()
        self._settings = settings
        self._log = folder / "pgbouncer.log"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._identity: Identity = server_identity(
            folder / "none", reach=(Path(self._program), folder / "pgbouncer.ini")
        )
        self._identity.own(folder)
        parts = urlsplit(database)
        self.name = parts.path.lstrip("/")
        self.url = urlunsplit(
            parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{self.port}")
        )
        self._write(folder / "userlist.txt", f'"{parts.username}" "{unquote(parts.password or "")}"\n')
        self.lead_to(parts.hostname or "", parts.port or 0)

    def lead_to(self, host: str, port: int) -> None:
        """Write the address of the server, as an operator does after a failover; reload if it runs."""
        documented = configparser.ConfigParser(interpolation=None, comment_prefixes=(";",))
        documented.read(DOCUMENTED, encoding="utf-8")
        ((_name, server),) = documented["databases"].items()
        address = server.replace(
            "host=postgres port=5432 dbname=intake", f"host={host} port={port} dbname={self.name}"
        )
        if address == server:
            message = f"{DOCUMENTED} has another address than these tests replace"
            raise ValueError(message)
        documented["databases"] = {self.name: address}
        documented["pgbouncer"].update(
            {
                "listen_addr": "127.0.0.1",
                "listen_port": str(self.port),
                "auth_file": str(self.folder / "userlist.txt"),
                "unix_socket_dir": "",
                **self._settings,
            }
        )
        with (self.folder / "new.ini").open("w", encoding="utf-8") as file:
            documented.write(file)
        self._write(self.folder / "pgbouncer.ini", (self.folder / "new.ini").read_text(encoding="utf-8"))
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        self._identity.own(path)

    def start(self) -> None:
        """Start it, and wait until it accepts connections.

        :raises RuntimeError: if it does not, with its output.
        """
        command = self._identity.command(self._program, self.folder / "pgbouncer.ini")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **self._identity.options()
            )
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.02)
        self.kill()
        message = f"PgBouncer did not start: {self._log.read_text(encoding='utf-8')[-500:]}"
        raise RuntimeError(message)

    @property
    def pid(self) -> int:
        """Number of its process; 0 if it does not run."""
        return self._process.pid if self._process else 0

    def kill(self) -> None:
        """Kill it: its clients and the server lose their connections at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
