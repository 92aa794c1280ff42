"""The portal's own PostgreSQL and Valkey, for development, demonstration and tests. Never in production.

`servers(data_dir)` starts them if nobody has, tells where they are, and stops them when it was their last user.
`make run` and the tests take the database of `DATABASE_URL` instead where it is given: see `given_database`.
Several processes may use the same folder at once. `manage.py` and `make run` go through `environment()`.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from .given import ExternalDatabase, external_database
from .locks import FileLock, locked
from .places import NO_PORT, EmbeddedError, EmbeddedPaths

__all__ = ["EmbeddedError", "Urls", "data_dir", "external_database", "manage", "migrate", "servers"]

BASE_DIR = Path(__file__).resolve().parents[3]
SETTINGS = "intake.settings.embedded"
# Commands that read or write no row: the servers would start for nothing.
WITHOUT_SERVERS = frozenset(
    {
        "",
        "help",
        "--help",
        "-h",
        "version",
        "--version",
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
    }
    | {"inspect_upload", "makemessages", "signing_keys", "startapp", "startproject"}
)
# Commands that read no row when they are given this option.
WITHOUT_SERVERS_WITH = {"verify_receipt": "--keys"}
# Commands after which, or for which, pending migrations must not be applied first.
WITHOUT_MIGRATIONS = frozenset(
    {"makemigrations", "migrate", "showmigrations", "sqlmigrate", "squashmigrations"}
)


@dataclass(frozen=True, kw_only=True)
class Urls:
    """Where the embedded servers are, by the roles that use them."""

    database: str
    """The application's role `intake_app`, which owns nothing."""
    database_owner: str
    """The role `intake_owner`, which migrates, and in tests makes the tests' databases."""
    database_superuser: str
    """For what only an administrator of the server does, in tests of faults and privileges."""
    broker: str
    cache: str
    is_ours: bool = True
    """Whether the database's server is started and stopped here; one that was given serves others too."""

    def environment(self) -> dict[str, str]:
        """Return the variables the settings read, without the owner's: the application never uses it."""
        return {"DATABASE_URL": self.database, "CELERY_BROKER_URL": self.broker, "CACHE_URL": self.cache}


def data_dir() -> Path:
    """Return the folder that holds everything the portal writes: `DATA_DIR`, or `var/` in the clone."""
    return Path(os.environ.get("DATA_DIR") or BASE_DIR / "var").resolve()


@contextmanager
def servers(folder: Path, *, database: ExternalDatabase | None = None) -> Iterator[Urls]:
    """Use the embedded servers of a folder for the length of a block; yield where they are.

    With `database`, that one is used and Valkey alone is started.

    The servers start if they do not run, in about a second, three the first time. They stop when their last user
    leaves, even by a crash; a normal exit waits until they have. The folder may be used by several processes at once.

    :raises EmbeddedError: when they cannot start, with a reason in one line.
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
    """Apply pending migrations as the owner, and tell whether there were any.

    Which migrations a database has had is remembered beside it as a digest of the migrations' own text, so that a
    command with nothing to apply loses no second in asking. A server that is not ours is asked each time.

    :raises EmbeddedError: when a migration fails; Django has then said why on standard error.
    """
    places = EmbeddedPaths(folder)
    wanted = _migrations_digest()
    with locked(places.migrating):
        if urls.is_ours and places.migrated_file.exists() and places.migrated_file.read_text() == wanted:
            return False
        sys.stderr.write("Applying pending migrations to the embedded database…\n" if urls.is_ours else "")
        environment = os.environ | urls.environment() | {"DATABASE_URL": urls.database_owner}
        command = [sys.executable, str(BASE_DIR / "manage.py"), "migrate", "--verbosity", "0", "--no-input"]
        answer = subprocess.run(command, env=environment, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 -- ours
        if answer.returncode:
            message = "the migrations of the embedded database failed; see the lines above."
            raise EmbeddedError(message)
        if urls.is_ours:
            places.migrated_file.write_text(wanted)
        return True


@contextmanager
def manage(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Let a management command find its database.

    With `DATABASE_URL` set, or other settings than the embedded ones, nothing happens. Else the embedded servers are
    used for the length of the block, pending migrations are applied, and `migrate` itself runs as the owner.
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
            if command == "migrate":
                os.environ["DATABASE_OWNER_URL"] = urls.database_owner
            _offer_psql()
            try:
                yield
            finally:
                _close_connections()


def _join(places: EmbeddedPaths, holder: FileLock, *, with_postgres: bool) -> None:
    """Become a user of the servers, starting their keeper if there is none. Called under the gate."""
    keeper = FileLock(places.keeper)
    try:
        if not holder.try_acquire(shared=True):
            # The last user has just left and the keeper is stopping the servers; begin afresh after it.
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
    """Stop using the servers; if nobody else does, wait until the keeper has stopped them."""
    holder.release()
    keeper = FileLock(places.keeper)
    while not keeper.try_acquire():
        if holder.try_acquire():
            holder.release()  # nobody uses them: the keeper looks in a moment
        elif holder.try_acquire(shared=True):
            break  # others use them
        time.sleep(0.05)
    keeper.close()


def _urls(places: EmbeddedPaths, database: ExternalDatabase | None) -> Urls:
    """Return the addresses of the running servers."""
    ports = places.ports()
    if ports is None:
        message = "the embedded servers stopped as they started; see " + str(places.log_file)
        raise EmbeddedError(message)
    passwords = places.passwords()
    host = f"127.0.0.1:{ports.postgres}/intake"
    broker = f"redis://:{passwords.broker}@127.0.0.1:{ports.valkey}"
    if database is not None:
        return Urls(
            database=database.application,
            database_owner=database.owner,
            database_superuser=database.superuser,
            broker=f"{broker}/0",
            cache=f"{broker}/1",
            is_ours=False,
        )
    return Urls(
        database=f"postgres://intake_app:{passwords.app}@{host}",
        database_owner=f"postgres://intake_owner:{passwords.owner}@{host}",
        database_superuser=f"postgres://postgres:{passwords.superuser}@{host}",
        broker=f"{broker}/0",
        cache=f"{broker}/1",
    )


def _migrations_digest() -> str:
    """Return a digest of every migration: our files' text, and the versions of the libraries that bring theirs."""
    digest = hashlib.sha256()
    for path in sorted(
        [*BASE_DIR.glob("offers/migrations/*.py"), *BASE_DIR.glob("intake/*/migrations/*.py")]
    ):
        digest.update(str(path.relative_to(BASE_DIR)).encode() + b"\0" + path.read_bytes() + b"\0")
    for library in ("django", "django-allauth"):
        digest.update(f"{library}=={version(library)}\n".encode())
    return digest.hexdigest()


def _close_connections() -> None:
    """Close what Django opened, before the server goes: its pool would complain of being cut off."""
    from django.db import connections  # noqa: PLC0415 -- the keeper has no use for Django

    for connection in connections.all(initialized_only=True):
        connection.close()
        getattr(connection, "close_pool", bool)()


def _offer_psql() -> None:
    """Let `dbshell` find the psql that came with the embedded server, after the machine's own."""
    from .postgres import binaries  # noqa: PLC0415 -- absent where the embedded servers are

    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), str(binaries())])
