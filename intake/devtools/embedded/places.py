"""Where the embedded servers keep what they need, below `DATA_DIR`."""

import contextlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path


class EmbeddedError(Exception):
    """The embedded servers cannot run; the message says why and what to do, in one line."""


@dataclass(frozen=True, kw_only=True)
class Passwords:
    """The embedded roles' passwords, generated at the first start and known to this machine only."""

    superuser: str
    owner: str
    app: str
    broker: str


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Where the running servers listen, on the loopback interface."""

    postgres: int
    valkey: int


NO_PORT = 0
"""In the place of PostgreSQL's where the database is on a server that is not ours."""


class EmbeddedPaths:
    """The paths of one `DATA_DIR`'s embedded servers.

    Servers listen on loopback TCP with passwords rather than on Unix sockets, whose path may not exceed 107 bytes:
    a clone may lie deeper than that.
    """

    def __init__(self, data_dir: Path) -> None:
        self.root = data_dir.resolve() / "embedded"
        self.postgres = self.root / "postgres"
        self.valkey = self.root / "valkey"
        self.passwords_file = self.root / "passwords.json"
        self.ports_file = self.root / "ports.json"  # there while the servers are ready
        self.migrated_file = self.root / "migrated"
        self.log_file = self.root / "servers.log"
        self.gate = self.root / "gate.lock"  # whoever joins, one at a time
        self.holders = self.root / "holders.lock"  # shared by all who use the servers
        self.keeper = self.root / "keeper.lock"  # held by the keeper for its whole life
        self.migrating = self.root / "migrating.lock"

    def prepare(self) -> None:
        """Make the folder.

        :raises EmbeddedError: when it cannot be made or belongs to somebody else.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"DATA_DIR cannot be used: {error}"
            raise EmbeddedError(message) from error
        if not os.access(self.root, os.R_OK | os.W_OK | os.X_OK) or (
            self.passwords_file.exists() and not os.access(self.passwords_file, os.R_OK)
        ):
            message = (
                f"{self.root.parent} belongs to another user: run as that user, or set DATA_DIR= to another."
            )
            raise EmbeddedError(message)

    def passwords(self) -> Passwords:
        """Return the passwords, made at the first call. Call it under the gate."""
        if not self.passwords_file.exists():
            made = Passwords(
                superuser=secrets.token_urlsafe(24),
                owner=secrets.token_urlsafe(24),
                app=secrets.token_urlsafe(24),
                broker=secrets.token_urlsafe(24),
            )
            write_privately(self.passwords_file, json.dumps(asdict(made)))
        return Passwords(**json.loads(self.passwords_file.read_text()))

    def ports(self) -> Ports | None:
        """Return where the servers listen, or None while they are not ready."""
        try:
            return Ports(**json.loads(self.ports_file.read_text()))
        except FileNotFoundError:
            return None

    def write_ports(self, ports: Ports) -> None:
        """Say that the servers are ready."""
        write_privately(self.ports_file, json.dumps(asdict(ports)))


def write_privately(path: Path, text: str) -> None:
    """Replace a file by one that only this user can read, in one step."""
    new = _private_copy(path, text)
    new.replace(path)


def stored_secret(path: Path) -> str:
    """Return the secret kept in a file, made at the first call. Processes that ask at once get the same one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        new = _private_copy(path, secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(new)
        new.unlink()
    return path.read_text()


def _private_copy(path: Path, text: str) -> Path:
    """Write a text to a new file beside `path` that only this user can read, and return it."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    return new
