"""Embedded PostgreSQL and Valkey, for development, demonstration and tests. Never in production.

`servers(data_dir)` starts them if they do not run, yields their addresses, and stops them after their last user.
`make run` and the tests use the database of `DATABASE_URL` instead, if it is set: see `external_database`. Several
processes may use the same folder at once. `manage.py` calls `manage()`.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from .given import DatabaseUrls, external_database
from .places import NO_PORT, EmbeddedError, EmbeddedPaths, FileLock, locked

__all__ = ["EmbeddedError", "Urls", "data_dir", "external_database", "manage", "migrate", "servers"]

BASE_DIR = Path(__file__).resolve().parents[3]
SETTINGS = "intake.settings.embedded"
# Commands that access no row: they do not need the servers.
WITHOUT_SERVERS = frozenset(
    {
        "",
        "help",
        "version",
        "--version",
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
    }
    | {"inspect_upload", "makemessages", "signing_keys", "startapp", "startproject"}
)
# Commands that access no row if they have this option.
WITHOUT_SERVERS_WITH = {"verify_receipt": "--keys"}
# Commands before which pending migrations must not be applied.
WITHOUT_MIGRATIONS = frozenset(
    {"makemigrations", "migrate", "showmigrations", "sqlmigrate", "squashmigrations"}
)


@dataclass(frozen=True, kw_only=True)
class Urls(DatabaseUrls):
    """Addresses of the embedded servers."""

    broker: str
    cache: str
    is_ours: bool = True
    """True if this package starts and stops the database's server; a server that was given has other users."""

    def environment(self) -> dict[str, str]:
        """Return the variables that the settings read, without the owner's, which the application never uses."""
        return {"DATABASE_URL": self.database, "CELERY_BROKER_URL": self.broker, "CACHE_URL": self.cache}


def data_dir() -> Path:
    """Return the folder that contains everything the portal writes: `DATA_DIR`, or `var/` in the clone."""
    return Path(os.environ.get("DATA_DIR") or BASE_DIR / "var").resolve()


@contextmanager
def servers(folder: Path, *, database: DatabaseUrls | None = None) -> Iterator[Urls]:
    """Use the embedded servers of a folder for the duration of a block; yield their addresses.

    With `database`, use that database and start Valkey only.

    The servers start if they do not run: in about one second, three the first time. They stop after their last user
    ends, also by a crash; a normal exit waits for their stop. Several processes may use the folder at once.

    :raises EmbeddedError: if they cannot start, with a reason in one line.
    """
    places = EmbeddedPaths(folder)
    places.prepare()
    holder = FileLock(places.holders)
    try:
        with locked(places.gate):
            _join(places, holder, with_postgres=database is None)
            urls = _urls(places, database)
        user = os.getpid()
        try:
            yield urls
        finally:
            if os.getpid() == user:  # a fork shares the lock and must not drop it
                _leave(places, holder)
    finally:
        holder.close()


def migrate(folder: Path, urls: Urls) -> bool:
    """Apply pending migrations as the owner. Return whether there were any.

    A digest of the migrations' text is stored beside an embedded database, so that a command with nothing to apply
    does not spend a second on a check. An external server is checked at each call.

    :raises EmbeddedError: if a migration fails; Django has then written the reason to standard error.
    """
    places = EmbeddedPaths(folder)
    wanted = _migrations_digest()
    with locked(places.migrating):
        if urls.is_ours and places.migrated_file.exists() and places.migrated_file.read_text() == wanted:
            return False
        sys.stderr.write("Applying pending migrations to the embedded database…\n" if urls.is_ours else "")
        environment = os.environ | urls.environment() | {"DATABASE_URL": urls.database_owner}
        command = [sys.executable, str(BASE_DIR / "manage.py"), "migrate", "--verbosity", "0", "--no-input"]
        answer = subprocess.run(command, env=environment, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 -- our own command
        if answer.returncode:
            message = "the migrations of the database failed; see the lines above."
            if urls.is_ours:
                message += f" To start afresh, without its data, remove {folder}."
            raise EmbeddedError(message)
        if urls.is_ours:
            places.migrated_file.write_text(wanted)
        return True


@contextmanager
def manage(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Give a management command its database.

    With `DATABASE_URL` set, or with settings other than the embedded ones, do nothing. Otherwise use the embedded
    servers for the duration of the block and apply pending migrations. `DATABASE_OWNER_URL` is then set too.
    """
    command = arguments[1] if len(arguments) > 1 else ""
    asks_for_help = not {"--help", "-h"}.isdisjoint(arguments)
    needs_none = any(word.partition("=")[0] == WITHOUT_SERVERS_WITH.get(command) for word in arguments)
    elsewhere = (
        environ.get("DATABASE_URL")
        or environ.get("DJANGO_SETTINGS_MODULE") != SETTINGS
        or any(word.startswith("--settings") for word in arguments)
    )
    if elsewhere or command in WITHOUT_SERVERS or asks_for_help or needs_none:
        yield
    else:
        folder = data_dir()
        with servers(folder) as urls:
            if command not in WITHOUT_MIGRATIONS:
                migrate(folder, urls)
            os.environ.update(urls.environment())
            os.environ["DATABASE_OWNER_URL"] = (
                urls.database_owner
            )  # on a developer's machine, no web server has it
            from .postgres import binaries  # noqa: PLC0415 -- not importable without the embedded servers

            # The server's psql, for `dbshell`.
            os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), str(binaries())])
            try:
                yield
            finally:
                _close_connections()


def _join(places: EmbeddedPaths, holder: FileLock, *, with_postgres: bool) -> None:
    """Register as a user of the servers; start their keeper if none runs. The caller has locked the gate."""
    keeper = FileLock(places.keeper)
    try:
        if not holder.try_acquire(shared=True):
            # The last user has just left and the keeper is stopping the servers: start again after it.
            keeper.take()
            keeper.release()
            holder.take(shared=True)
        ports = places.ports()
        if ports is None:
            keeper.take()  # waits for a keeper whose server died
        elif not keeper.try_acquire():
            if (ports.postgres != NO_PORT) == with_postgres:
                return
            message = (
                f"the servers of {places.root.parent} are in use with another database: stop what uses them."
            )
            raise EmbeddedError(message)
        keeper.release()
    finally:
        keeper.close()
    command = [sys.executable, "-m", "intake.devtools.embedded.keeper", str(places.root.parent)]
    command += [] if with_postgres else ["--without-postgres"]
    answer = subprocess.run(  # noqa: S603 -- our own module
        command, cwd=BASE_DIR, check=False, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if answer.returncode:
        raise EmbeddedError(answer.stderr.strip().split("\n")[-1])


def _leave(places: EmbeddedPaths, holder: FileLock) -> None:
    """Stop using the servers; if they have no other user, wait until the keeper has stopped them."""
    holder.release()
    keeper = FileLock(places.keeper)
    while not keeper.try_acquire():
        if holder.try_acquire():
            holder.release()  # no user: the keeper checks every 0.1 s
        elif holder.try_acquire(shared=True):
            break  # they have other users
        time.sleep(0.05)
    keeper.close()


def _urls(places: EmbeddedPaths, database: DatabaseUrls | None) -> Urls:
    ports = places.ports()
    if ports is None:
        message = "the embedded servers stopped as they started; see " + str(places.log_file)
        raise EmbeddedError(message)
    passwords = places.passwords()
    host = f"127.0.0.1:{ports.postgres}/intake"
    broker = f"redis://:{passwords.broker}@127.0.0.1:{ports.valkey}"
    used = database or DatabaseUrls(
        database=f"postgres://intake_app:{passwords.app}@{host}",
        database_owner=f"postgres://intake_owner:{passwords.owner}@{host}",
        database_superuser=f"postgres://postgres:{passwords.superuser}@{host}",
    )
    return Urls(**asdict(used), broker=f"{broker}/0", cache=f"{broker}/1", is_ours=database is None)


def _migrations_digest() -> str:
    """Return a digest of our migrations, of what they read, and of the versions of the libraries that have some."""
    digest = hashlib.sha256()
    names = ("migrations/*.py", "sql/*.sql", "sql_files.py", "privileges.py")
    for path in sorted(
        path for name in names for app in ("offers", "intake/*") for path in BASE_DIR.glob(f"{app}/{name}")
    ):
        digest.update(str(path.relative_to(BASE_DIR)).encode() + b"\0" + path.read_bytes() + b"\0")
    for library in ("django", "django-allauth"):
        digest.update(f"{library}=={version(library)}\n".encode())
    return digest.hexdigest()


def _close_connections() -> None:
    """Close Django's connections before the server stops: its pool would log errors about cut connections."""
    from django.db import connections  # noqa: PLC0415 -- the keeper does not need Django

    for connection in connections.all(initialized_only=True):
        connection.close()
        getattr(connection, "close_pool", bool)()
