"""Files of the embedded servers below `DATA_DIR`: their paths, secrets and locks."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path


class EmbeddedError(Exception):
    """The embedded servers cannot run. The message gives the reason and the remedy in one line."""


@dataclass(frozen=True, kw_only=True)
class Passwords:
    """Passwords of the embedded roles, generated at the first start and stored on this machine only."""

    superuser: str
    owner: str
    app: str
    broker: str


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Ports of the running servers, on the loopback interface."""

    postgres: int
    valkey: int


NO_PORT = 0
"""Port of PostgreSQL if the database is on an external server."""


class EmbeddedPaths:
    """Paths of the embedded servers of one `DATA_DIR`.

    Servers listen on loopback TCP with passwords, not on Unix sockets: a socket's path may not exceed 107 bytes, and
    the path of a clone may be longer.
    """

    def __init__(self, data_dir: Path) -> None:
        self.root = data_dir.resolve() / "embedded"
        self.postgres = self.root / "postgres"
        self.valkey = self.root / "valkey"
        self.passwords_file = self.root / "passwords.json"
        self.ports_file = self.root / "ports.json"  # exists while the servers are ready
        self.migrated_file = self.root / "migrated"
        self.answered_file = self.root / "answered"  # exists once the web server of `make run` has answered
        self.log_file = self.root / "servers.log"
        self.gate = self.root / "gate.lock"  # exclusive, for a process that starts using the servers
        self.holders = self.root / "holders.lock"  # shared by all users of the servers
        self.keeper = self.root / "keeper.lock"  # locked by the keeper while it runs
        self.migrating = self.root / "migrating.lock"

    def prepare(self) -> None:
        """Create the folder.

        :raises EmbeddedError: if it cannot be created or belongs to another user.
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
        """Return the passwords, generated at the first call. The caller has locked the gate."""
        if not self.passwords_file.exists():
            made = {field.name: secrets.token_urlsafe(24) for field in fields(Passwords)}
            write_privately(self.passwords_file, json.dumps(made))
        return Passwords(**json.loads(self.passwords_file.read_text()))

    def ports(self) -> Ports | None:
        """Return the ports of the servers, or None until they are ready."""
        try:
            return Ports(**json.loads(self.ports_file.read_text()))
        except FileNotFoundError:
            return None

    def write_ports(self, ports: Ports) -> None:
        """Store the ports: the servers are ready."""
        write_privately(self.ports_file, json.dumps(asdict(ports)))


def write_privately(path: Path, text: str) -> None:
    """Replace a file atomically by one that only this user can read."""
    new = _private_copy(path, text)
    new.replace(path)


def stored_secret(path: Path) -> str:
    """Return the secret stored in a file, generated at the first call. Concurrent calls return the same secret."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        new = _private_copy(path, secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(new)
        new.unlink()
    return path.read_text()


def _private_copy(path: Path, text: str) -> Path:
    """Write a text to a new file beside `path`, readable by this user only. Return the file."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    return new


class FileLock:
    """Advisory lock on one open file, shared or exclusive. Released when its process ends, also by a crash."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, *, shared: bool = False) -> None:
        """Take the lock; wait for it."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)

    def try_acquire(self, *, shared: bool = False) -> bool:
        """Take the lock without waiting. Return whether it was taken."""
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Release the lock; it can be taken again."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Release the lock and close its file."""
        os.close(self._descriptor)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[FileLock]:
    """Lock `path`, created if missing, for the duration of a block."""
    lock = FileLock(path)
    try:
        lock.take()
        yield lock
    finally:
        lock.close()
