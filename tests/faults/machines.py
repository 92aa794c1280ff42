"""A portal as several machines run it: two web servers, workers apart, a pooler, a replica, and relays to cut."""

import http.client
import socket
import subprocess
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg

from intake.devtools.embedded import postgres
from intake.devtools.embedded.keeper import free_port
from intake.devtools.embedded.places import EmbeddedPaths
from tests.faults.mailbox import Mailbox
from tests.faults.portal import Portal
from tests.pooler import PgBouncer

HOST = "127.0.0.1"
WEB_SERVERS = ("web", "web2")
WORKERS = ("filings", "mailer", "dossiers")
"""Workers on machines of their own: each reaches the pooler and the broker through relays that can be cut."""
_ELSEWHERE = {"exports", "uploads"}
"""Processes of a whole portal that a rush of filings without new files does not need."""
REPLICA = "replica"
_BYTES = 65536


class Relay:
    """A network between two machines: passes bytes to a port until it is cut, then keeps them, as a lost cable does."""

    def __init__(self, target: int) -> None:
        self.target = target
        self._listener = socket.create_server((HOST, 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._passes = threading.Event()
        self._passes.set()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Pass nothing more. Connections stay open, and new ones are accepted and never answered."""
        self._passes.clear()

    def mend(self, target: int | None = None) -> None:
        """End every connection, and pass the bytes of new ones; to another port if one is given."""
        self.target = target or self.target
        with self._lock:
            for one in self._sockets:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            self._sockets.clear()
        self._passes.set()

    def close(self) -> None:
        """End every connection, and accept no other."""
        self._listener.close()
        self.mend()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=[client], daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        with self._lock:
            self._sockets.add(client)
        self._passes.wait()
        try:
            server = socket.create_connection((HOST, self.target), timeout=5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        with self._lock:
            is_mended = client not in self._sockets
            self._sockets |= {server} if not is_mended else set()
        if is_mended:
            server.close()
            client.close()
            return
        threading.Thread(target=self._pass_on, args=[client, server], daemon=True).start()
        self._pass_on(server, client)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_BYTES):
                self._passes.wait()
                with self._lock:
                    if source not in self._sockets:
                        break
                sink.sendall(data)
        with self._lock:
            self._sockets -= {source, sink}
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        sink.close()


class SeveralMachines(Portal):
    """A portal whose web servers and workers reach PostgreSQL through PgBouncer, with a replica that can take over."""

    def __init__(self, folder: Path, mailbox: Mailbox) -> None:
        super().__init__(folder, mailbox)
        self.ports = {"web": self.port, "web2": free_port()}
        web = self.commands["web"]
        self.commands["web2"] = [word.replace(f":{self.port}", f":{self.ports['web2']}") for word in web]
        for name in _ELSEWHERE:
            del self.commands[name]
        self.replica_port = free_port()
        self._replica_places = EmbeddedPaths(folder / "second machine")
        # This process reads the rows without the pooler, and follows a failover as an operator does.
        self._direct = Relay(self._ports.postgres)
        self.urls = replace(self.urls, database=_at(self.urls.database, self._direct.port))
        self.environment["DATABASE_URL"] = self.urls.database
        # Its sessions take turns: what one statement sets in its session, the next has not.
        self.pooler = PgBouncer(
            folder / "pooler", _at(self.urls.database, self._ports.postgres), server_round_robin="1"
        )
        self.networks = {name: (Relay(self.pooler.port), Relay(self._ports.valkey)) for name in WORKERS}

    def environment_of(self, name: str) -> dict[str, str]:
        """Return the environment of a process: the pooler's address, or that of its machine's network."""
        database, broker = self.pooler.port, self._ports.valkey
        if name in self.networks:
            database, broker = (relay.port for relay in self.networks[name])
        return self.environment | {
            "DATABASE_URL": _at(self.pooler.url, database),
            "CELERY_BROKER_URL": _at(self.urls.broker, broker),
            "CACHE_URL": _at(self.urls.cache, broker),
        }

    # -- Servers -----------------------------------------------------------------------------------------
    def start_servers(self) -> None:
        """Start PostgreSQL, its replica, Valkey and the pooler; migrate without the pooler."""
        super().start_servers()
        self._start_replica()
        self.pooler.start()

    def _start_replica(self) -> None:
        self._replica_places.prepare()
        self._identity.make_folder(self._replica_places.postgres)
        source = f"{_at(self.urls.database_superuser, self._ports.postgres)}?application_name={REPLICA}"
        subprocess.run(
            self._identity.command(
                *(postgres.binaries() / "pg_basebackup", "--dbname", source, "--write-recovery-conf"),
                *(
                    "--pgdata",
                    self._replica_places.postgres,
                    "--checkpoint",
                    "fast",
                    "--wal-method",
                    "stream",
                ),
            ),
            check=True,
            capture_output=True,
            cwd="/",
            **self._identity.options(),
        )
        self._servers[REPLICA] = postgres.start(self._replica_places, self._identity, self.replica_port)
        # Only now: the replica, once promoted, waits for no other.
        with psycopg.connect(self.urls.database_superuser, autocommit=True) as superuser:
            superuser.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{REPLICA}'")
            superuser.execute("SELECT pg_reload_conf()")

    def sessions(self) -> int:
        """Return how many sessions of the server the portal has, through the pooler or not."""
        with psycopg.connect(self.urls.database_superuser, autocommit=True) as superuser:
            row = superuser.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'intake_app'"
            ).fetchone()
        return row[0] if row else 0

    def processor_seconds(self) -> dict[str, float]:
        """Return the seconds of a core that each process has used, with its children; `postgres` is the primary."""
        roots = {name: process.pid for name, process in [*self._running.items(), *self._servers.items()]}
        roots |= {"pooler": self.pooler.pid}
        return {name: sum(_seconds(each) for each in _family(pid)) for name, pid in roots.items()}

    def replication_state(self) -> str:
        """Return the state of the replica as its primary sees it: `sync` if commits wait for it."""
        with psycopg.connect(self.urls.database_superuser, autocommit=True) as superuser:
            row = superuser.execute("SELECT sync_state FROM pg_stat_replication").fetchone()
        return row[0] if row else "none"

    def lose_primary(self) -> None:
        """Kill PostgreSQL's primary at once, with all its sessions, as a machine that loses its power."""
        everyone = _family(self._servers["postgres"].pid)
        for act in (psutil.Process.suspend, psutil.Process.kill):
            for process in everyone:
                with suppress(psutil.Error):
                    act(process)
        self._servers["postgres"].wait(30)

    def fail_over(self) -> None:
        """Promote the replica, and lead the pooler to it: what `docs/several-machines.md` says."""
        superuser_there = _at(self.urls.database_superuser, self.replica_port)
        self.urls = replace(self.urls, database_superuser=superuser_there)
        with psycopg.connect(self.urls.database_superuser, autocommit=True) as superuser:
            if superuser.execute("SELECT pg_promote()").fetchone() != (True,):
                message = "the replica was not promoted"
                raise RuntimeError(message)
        self.pooler.lead_to(HOST, self.replica_port)
        self._direct.mend(self.replica_port)

    # -- Processes ---------------------------------------------------------------------------------------
    def is_up(self) -> bool:
        """True if both web servers answer."""
        return all(_answers(port) for port in self.ports.values())

    def stop(self) -> None:
        """Kill all processes and servers, the replica and the pooler too."""
        super().stop()
        self.pooler.kill()
        if REPLICA in self._servers:
            postgres.stop(self._servers[REPLICA])
        for relay in (self._direct, *(relay for pair in self.networks.values() for relay in pair)):
            relay.close()


def _family(pid: int) -> list[psutil.Process]:
    try:
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    except psutil.Error:
        return []


def _seconds(process: psutil.Process) -> float:
    """Return the seconds of a core of a process and of its children that ended."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Connection": "close"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _at(url: str, port: int) -> str:
    """Return a server's URL with another port."""
    parts = urlsplit(url)
    host = f"{parts.netloc.rpartition('@')[0]}@{HOST}:{port}"
    return urlunsplit(parts._replace(netloc=host))
