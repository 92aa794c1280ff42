"""A whole portal as `make run` starts it, with its servers; each part can be killed and restarted."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import django
import psycopg
import redis

from intake.devtools import embedded
from intake.devtools.embedded import Urls, postgres, valkey
from intake.devtools.embedded.identity import server_identity
from intake.devtools.embedded.keeper import free_port
from intake.devtools.embedded.places import EmbeddedPaths, Ports
from intake.devtools.embedded.run import processes
from tests.faults.mailbox import Mailbox

LEFT_OUT = {"mail", "portal"}  # the harness has its own mail server, and needs no demonstration
WEB_PROCESSES = 2
START_SECONDS = 120
DIES_AT_POINTS = {"sweep"}
"""Processes that their own points kill. For the others, a point kills a child of the started process."""


class Portal:
    """Servers, processes and mail of one folder. `tend` restarts killed processes."""

    def __init__(self, folder: Path, mailbox: Mailbox) -> None:
        self.folder = folder
        self.mailbox = mailbox
        self.port = free_port()
        self._places = EmbeddedPaths(folder)
        self._places.prepare()
        passwords = self._places.passwords()
        self._identity = server_identity(
            self._places.postgres, reach=(postgres.binaries() / "postgres", self._places.postgres)
        )
        self._ports = Ports(postgres=free_port(), valkey=free_port())
        host = f"127.0.0.1:{self._ports.postgres}/intake"
        broker = f"redis://:{passwords.broker}@127.0.0.1:{self._ports.valkey}"
        self.urls = Urls(
            database=f"postgres://intake_app:{passwords.app}@{host}",
            database_owner=f"postgres://intake_owner:{passwords.owner}@{host}",
            database_superuser=f"postgres://postgres:{passwords.superuser}@{host}",
            broker=f"{broker}/0",
            cache=f"{broker}/1",
        )
        self.environment = os.environ | self.urls.environment()
        self.environment |= {
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": embedded.SETTINGS,
            "EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
            "FAULTS_FOLDER": str(folder),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "WEB_CONCURRENCY": str(WEB_PROCESSES),
        }
        # The same commands as `make run`, so that the runs kill the processes of a real portal.
        commands = processes(folder, port=self.port, smtp_port=mailbox.port)
        self.commands = {name: command for name, command in commands.items() if name not in LEFT_OUT}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._servers: dict[str, subprocess.Popen[bytes]] = {}
        self._resting: set[str] = set()
        self._killed: set[str] = set(DIES_AT_POINTS)
        self.fell: list[str] = []
        """Processes that ended by themselves, with their exit codes: `make run` would have ended with them."""
        self._lock = threading.RLock()

    # -- Servers -----------------------------------------------------------------------------------------
    def start_servers(self) -> None:
        """Start PostgreSQL and Valkey on a new cluster, and migrate it."""
        postgres.make_cluster(self._places, self._identity)
        self._start_server("postgres")
        postgres.make_roles(self._places, self._ports.postgres)
        self._start_server("broker")
        self._places.write_ports(self._ports)
        embedded.migrate(self.folder, self.urls)

    def _start_server(self, name: str) -> None:
        if name == "postgres":
            self._servers[name] = postgres.start(self._places, self._identity, self._ports.postgres)
        else:
            self._servers[name] = valkey.start(self._places, self._identity, self._ports.valkey)

    def stop_postgres_at_once(self) -> None:
        """Stop PostgreSQL as a power failure does, and start it again: it recovers."""
        with self._lock:
            self._servers["postgres"].send_signal(signal.SIGQUIT)
            self._servers["postgres"].wait(30)
            self._start_server("postgres")

    def end_sessions(self) -> None:
        """End every session of the application's role."""
        with psycopg.connect(self.urls.database_superuser, autocommit=True) as superuser:
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'intake_app'"
            )

    def kill_broker(self) -> None:
        """Kill the broker, with all its data."""
        with self._lock:
            self._servers["broker"].kill()
            self._servers["broker"].wait(30)

    def start_broker(self) -> None:
        """Start the broker again, empty."""
        with self._lock:
            self._start_server("broker")

    def signal_broker(self, number: int) -> None:
        """Send a signal to the broker: a stopped one accepts connections and never answers."""
        self._servers["broker"].send_signal(number)

    def wipe_broker(self) -> None:
        """Delete all data of the broker and the cache."""
        with redis.Redis.from_url(self.urls.broker) as client:
            client.flushall()

    # -- Processes ---------------------------------------------------------------------------------------
    def start(self, name: str) -> None:
        """Start a process of the portal, in its own process group."""
        command = self.commands[name]
        at = command.index("-m") if "-m" in command else 0
        launched = [sys.executable, *command[:at], "-m", "tests.faults.fault_launcher", name, *command[at:]]
        with self._lock, (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                launched,
                cwd=embedded.BASE_DIR,
                env=self.environment_of(name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def environment_of(self, _name: str) -> dict[str, str]:
        """Return the environment of a process."""
        return self.environment

    def process(self, name: str) -> subprocess.Popen[bytes]:
        """Return the process of a name."""
        return self._running[name]

    def others(self) -> list[str]:
        """Return the names of all processes except the web server."""
        return [name for name in self.commands if name != "web"]

    def signal(self, name: str, number: int) -> None:
        """Send a signal to all processes of one name."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._running[name].pid, number)

    def kill(self, name: str) -> None:
        """Kill all processes of one name."""
        self._killed.add(name)
        self.signal(name, signal.SIGKILL)

    def rest(self, name: str) -> None:
        """Stop restarting a process when it ends."""
        self._resting.add(name)

    def tend(self) -> list[str]:
        """Restart processes that ended, at once, as a supervisor does; return their names.

        The harness kills by SIGKILL only: a process that ended otherwise, or by a SIGKILL of another origin, fell by
        itself (`fell`). That is always a fault: every process outlives its servers and waits for them.
        """
        with self._lock:
            ended = [
                name
                for name, process in self._running.items()
                if name not in self._resting and process.poll() is not None
            ]
            for name in ended:
                code = self._running[name].returncode
                if code != -signal.SIGKILL or name not in self._killed:
                    self.fell.append(f"{name}, exit {code}")
                self._killed -= {name} - DIES_AT_POINTS
                self.start(name)
        return ended

    def start_processes(self) -> None:
        """Start every process, and wait until the portal answers and its workers run."""
        for name in self.commands:
            self.start(name)
        ends = time.monotonic() + START_SECONDS
        while not self.is_up():
            if time.monotonic() > ends:
                message = f"the portal did not start; see the logs in {self.folder}"
                raise RuntimeError(message)
            time.sleep(0.1)

    def is_up(self) -> bool:
        """True if the web server answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Connection": "close"})
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """Kill all processes and servers."""
        for name in self._running:
            self.signal(name, signal.SIGCONT)
            self.kill(name)
        for process in self._running.values():
            process.wait(30)
        if "broker" in self._servers:
            self.signal_broker(signal.SIGCONT)
            valkey.stop(self._servers["broker"])
        if "postgres" in self._servers:
            postgres.stop(self._servers["postgres"])

    def logs(self, name: str) -> str:
        """Return the output of a process."""
        return (self.folder / f"{name}.log").read_text(errors="replace")


@contextlib.contextmanager
def running(folder: Path, **commands: list[str]) -> Iterator[Portal]:
    """Run a whole portal for the duration of a block, as `started` does.

    `commands` replace those of `make run`, by the names of the processes; `{port}` in them is the web server's.
    """
    with Mailbox() as mailbox:
        portal = Portal(folder, mailbox)
        for name, command in commands.items():
            portal.commands[name] = [word.format(port=portal.port) for word in command]
        with started(portal):
            yield portal


@contextlib.contextmanager
def started[Started: Portal](portal: Started) -> Iterator[Started]:
    """Start a portal for the duration of a block; set up Django in this process with its database.

    Once per process: Django's settings cannot be changed.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # stops all that it started
    try:
        os.environ.update(portal.environment)  # not only for this process: the migrations read them too
        portal.start_servers()
        django.setup()
        portal.start_processes()
        yield portal
    finally:
        portal.stop()
