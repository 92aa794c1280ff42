"""A portal as an operator runs it: production's settings, the processes of `docker-compose.yml`, and a Prometheus.

Its servers are real: PostgreSQL, Valkey, SMTP, clamd, Prometheus with the rules of `deploy/alerts`. Files are on a file
system of their own, which can be filled. For root, on a machine with Debian's `prometheus` and `clamav-daemon`.
"""

import datetime as dt
import http.client
import json
import logging
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from intake.devtools.embedded import BASE_DIR
from intake.devtools.embedded.keeper import free_port
from tests.faults.machines import HOST, Relay
from tests.faults.mailbox import Mailbox
from tests.faults.portal import Portal
from tests.house.processes import ONCE, PROCESSES, command_of
from tests.settings.environment import NEEDED, REST

SITE: Final = NEEDED["ALLOWED_HOSTS"]
BEHIND_A_PROXY: Final = {"Host": SITE, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
SPARE: Final = "spare web"
"""A second web server, which can be started with other variables."""
STORAGE_BYTES: Final = 1_200_000_000


class MailServer:
    """An SMTP server that asks for a password; stopped, frozen, or refusing the password or the sender."""

    def __init__(self) -> None:
        self.port = free_port()
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # passwords are in clear, on this machine
        warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")
        self.refuses = ""
        self.taken = 0
        self._controller: Any = None
        self.start()
        self._relay = Relay(self.port)
        self.url = f"smtp://portal:secret@{HOST}:{self._relay.port}"

    def start(self) -> None:
        """Listen."""
        self._controller = Controller(
            self,
            hostname=HOST,
            port=self.port,
            authenticator=self._authenticate,
            auth_required=True,
            auth_require_tls=False,
        )
        self._controller.start()

    def stop(self) -> None:
        """End every connection and take none."""
        self._controller.stop()
        self._relay.mend()

    def freeze(self) -> None:
        """Accept connections and answer nothing."""
        self._relay.cut()

    def thaw(self) -> None:
        """Answer again."""
        self._relay.mend()

    def refuse(self, what: str) -> None:
        """Refuse the `password` or the `sender` of new connections; neither, if empty."""
        self.refuses = what
        self._relay.mend()

    def _authenticate(self, *_given: Any) -> AuthResult:
        return AuthResult(success=self.refuses != "password")

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take the sender, or refuse it."""
        if self.refuses == "sender":
            return "550 5.7.1 this sender may not send"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, *_given: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        """Count a mail."""
        self.taken += 1
        return "250 taken"


class Certificate:
    """A TLS server whose certificate can be replaced."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.show(days=60)
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def show(self, *, days: int) -> None:
        """Show a certificate that ends in `days`."""
        key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, SITE)])
        made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        made = made.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(
            now + dt.timedelta(days=days)
        )
        file = self._folder / "certificate.pem"
        file.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
        )
        self._context.load_cert_chain(file)

    def _serve(self) -> None:
        while True:
            plain, _address = self._listener.accept()
            with suppress(OSError), self._context.wrap_socket(plain, server_side=True) as client:
                client.recv(1)


class Installation(Portal):
    """A whole portal with production's settings, watched by Prometheus."""

    def __init__(self, folder: Path, *, fallback: bool = False) -> None:
        super().__init__(folder, Mailbox())
        self.mail, self.other_mail = MailServer(), MailServer()
        self.certificate = Certificate(folder / "certificate")
        self.storage = folder / "media"
        self._elsewhere = folder / "elsewhere"
        self.webs = ("web", SPARE)
        (folder / "spare media").mkdir()
        self.ports = {"web": self.port, SPARE: free_port(), "metrics": free_port(), "prometheus": free_port()}
        self.cache_url = self.urls.cache.replace("//:", "//pages:")
        self._broker_password = self._places.passwords().broker
        self.environment = {
            **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
            **(NEEDED | REST),
            "SITE_URL": f"https://{SITE}",
            "DATABASE_URL": self.urls.database,
            "CELERY_BROKER_URL": self.urls.broker,
            "CACHE_URL": self.cache_url,
            "EMAIL_URL": self.mail.url,
            **({"EMAIL_FALLBACK_URL": self.other_mail.url} if fallback else {}),
            "STORAGE_URL": self.storage.as_uri(),
            "CLAMD_URL": f"unix://{folder}/clamd/clamd.ctl",
            "STATIC_ROOT": str(folder / "static"),
            "DATA_DIR": str(folder),
            "TMPDIR": str(folder / "tmp"),
            "WEB_CONCURRENCY": "1",
            "PYTHONUNBUFFERED": "1",
        }
        (folder / "tmp").mkdir(mode=0o1777)
        self.commands = {name: self._command(name) for name in PROCESSES if name not in ONCE}
        self.commands[SPARE] = [
            word.replace(f":{self.port}", f":{self.ports[SPARE]}") for word in self.commands["web"]
        ]
        metrics = self.commands["metrics"]
        self.commands["metrics"] = [*metrics, "--web", f"{HOST}:{self.ports[SPARE]}"]
        self.addresses = {name: f"{HOST}:{self.ports[name]}" for name in self.webs}
        # It has no part in what happens to the files of the others.
        self._own_variables = {SPARE: {"STORAGE_URL": (folder / "spare media").as_uri()}}
        self._other_variables: dict[str, dict[str, str]] = {}

    def _command(self, name: str) -> list[str]:
        """Return the command of a process, with the ports of this installation."""
        program, *rest = command_of(name)
        ports = {"8000": self.port, "9101": self.ports["metrics"], "443": self.certificate.port}
        rest = [
            re.sub(r"^(127\.0\.0\.1):(\d+)$", lambda found: f"{found[1]}:{ports[found[2]]}", word)
            for word in rest
        ]
        rest = [word.replace("/tmp/beat.pid", str(self.folder / "beat.pid")) for word in rest]  # noqa: S108 -- the file of docker-compose.yml
        return [
            sys.executable if program == "python" else str(Path(sys.executable).with_name(program)),
            *rest,
        ]

    # -- Servers ------------------------------------------------------------------------------------------
    def start_servers(self) -> None:
        """Start every server, and collect the static files."""
        super().start_servers()
        self.allow_cache()
        self.storage.mkdir()
        self.mount_storage()
        self.start_scanner()
        self._start_prometheus()
        self.manage("collectstatic", "--no-input", "--verbosity", "0")
        self.manage("note_backup")

    def manage(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the portal."""
        return self.run(sys.executable, "manage.py", *arguments, **variables)

    def run(self, *command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a program with the portal's variables and others."""
        return subprocess.run(
            command,
            cwd=BASE_DIR,
            env=self.environment | variables,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def allow_cache(self, *, password: str = "") -> None:
        """Give the user of the cache its password, or another one; end its connections."""
        import redis  # noqa: PLC0415 -- beside the harness's own use

        with redis.Redis.from_url(self.urls.broker) as client:
            given = password or self._broker_password
            client.execute_command(
                "ACL", "SETUSER", "pages", "on", "resetpass", f">{given}", "~*", "&*", "+@all"
            )
            with suppress(redis.ResponseError):
                client.execute_command("CLIENT", "KILL", "USER", "pages")

    def start_broker(self) -> None:
        """Start the broker again, with the user of the cache."""
        super().start_broker()
        self.allow_cache()

    def mount_storage(self, *options: str) -> None:
        """Mount the file system of the files."""
        chosen = ",".join([f"size={STORAGE_BYTES}", "mode=700", *options])
        subprocess.run(["mount", "-t", "tmpfs", "-o", chosen, "intake-files", self.storage], check=True)

    def remount_storage(self, mode: str) -> None:
        """Make the file system of the files `ro` or `rw`."""
        subprocess.run(["mount", "-o", f"remount,{mode}", self.storage], check=True)

    def fill_storage(self) -> None:
        """Leave no byte for another file."""
        with (self.storage / "filler").open("wb") as filler, suppress(OSError):
            os.posix_fallocate(filler.fileno(), 0, STORAGE_BYTES - 100_000_000)
            while True:
                os.posix_fallocate(filler.fileno(), os.fstat(filler.fileno()).st_size, 4096 * 64)
        with (self.storage / "filler2").open("wb", buffering=0) as filler, suppress(OSError):
            while filler.write(b"x" * 4096):
                pass

    def empty_storage(self) -> None:
        """Remove what fills the file system."""
        for file in self.storage.glob("filler*"):
            file.unlink()

    def lose_storage(self) -> None:
        """Move the mount of the files away, as one that is not mounted."""
        self._elsewhere.mkdir(exist_ok=True)
        subprocess.run(["mount", "--move", self.storage, self._elsewhere], check=True)
        self.storage.rmdir()

    def find_storage(self) -> None:
        """Move the mount back."""
        self.storage.mkdir()
        subprocess.run(["mount", "--move", self._elsewhere, self.storage], check=True)

    def start_scanner(self) -> None:
        """Start clamd with one signature."""
        folder = self.folder / "clamd"
        (folder / "database").mkdir(parents=True, exist_ok=True)
        (folder / "database" / "own.ndb").write_text(f"Own.Nothing:0:*:{os.urandom(16).hex()}\n")
        (folder / "clamd.conf").write_text(
            f"Foreground yes\nLocalSocket {folder}/clamd.ctl\nDatabaseDirectory {folder}/database\nUser root\n"
        )
        program = shutil.which("clamd", path="/usr/sbin:/usr/bin")
        assert program is not None, "apt-get install clamav-daemon"
        self._start_other("scanner", [program, f"--config-file={folder}/clamd.conf"])

    def _start_prometheus(self) -> None:
        target = f"{HOST}:{self.ports['metrics']}"
        file = self.folder / "prometheus.yml"
        page = (BASE_DIR / "docs" / "operations" / "metrics.md").read_text(encoding="utf-8")
        said = page.partition("```yaml\n")[2].partition("```")[0]
        said = said.replace("127.0.0.1:9101", target).replace("/opt/intake/portal", str(BASE_DIR))
        file.write_text(said, encoding="utf-8")
        program = shutil.which("prometheus")
        assert program is not None, "apt-get install prometheus"
        self._start_other(
            "prometheus",
            [
                program,
                f"--config.file={file}",
                f"--storage.tsdb.path={self.folder / 'prometheus'}",
                f"--web.listen-address={HOST}:{self.ports['prometheus']}",
            ],
        )

    def _start_other(self, name: str, command: list[str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    # -- Processes ----------------------------------------------------------------------------------------
    def start(self, name: str) -> None:
        """Start a process with its own variables."""
        with self._lock, (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                self.commands[name],
                cwd=BASE_DIR,
                env=self.environment
                | self._own_variables.get(name, {})
                | self._other_variables.get(name, {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def restart(self, name: str, **variables: str) -> None:
        """Kill a process and start it, with other variables."""
        self.kill(name)
        self._running[name].wait(30)
        self._other_variables[name] = variables
        self.start(name)

    def stop(self) -> None:
        """Kill all processes and servers; unmount the files."""
        self.signal_broker(signal.SIGCONT)
        for pid in self.postgres_pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        super().stop()
        subprocess.run(["umount", "--lazy", self.storage], check=False, stderr=subprocess.DEVNULL)

    # -- PostgreSQL ---------------------------------------------------------------------------------------
    def postgres_pids(self) -> list[int]:
        """Return the processes of the server."""
        import psutil  # noqa: PLC0415 -- beside the harness's own use

        first = psutil.Process(self._servers["postgres"].pid)
        return [first.pid, *(child.pid for child in first.children(recursive=True))]

    def signal_postgres(self, number: int) -> None:
        """Send a signal to every process of the server."""
        for pid in self.postgres_pids():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop_postgres(self) -> None:
        """Stop PostgreSQL."""
        self._servers["postgres"].send_signal(signal.SIGQUIT)
        self._servers["postgres"].wait(30)

    def start_postgres(self) -> None:
        """Start PostgreSQL again."""
        self._start_server("postgres")

    def restart_postgres(self, **variables: str) -> None:
        """Stop PostgreSQL and start it with other variables."""
        self.stop_postgres()
        os.environ.update(variables)
        try:
            self._start_server("postgres")
        finally:
            for name in variables:
                del os.environ[name]

    def execute(self, *statements: str, database: str = "intake") -> None:
        """Execute statements as the superuser, each in its own transaction."""
        with psycopg.connect(self.urls.database_superuser, dbname=database, autocommit=True) as superuser:
            for statement in statements:
                superuser.execute(statement.encode())

    # -- What is told -------------------------------------------------------------------------------------
    def ask(
        self, path: str, *, name: str = "web", cookie: str = "", seconds: float = 10
    ) -> tuple[int, str, float]:
        """Request a page of a web server; return its status (0 without an answer), text and seconds."""
        began, asked = time.monotonic(), http.client.HTTPConnection(HOST, self.ports[name], timeout=seconds)
        try:
            asked.request("GET", path, headers=BEHIND_A_PROXY | ({"Cookie": cookie} if cookie else {}))
            answer = asked.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return 0, "", time.monotonic() - began
        else:
            return answer.status, text, time.monotonic() - began
        finally:
            asked.close()

    def is_up(self) -> bool:
        """True if both web servers answer."""
        return all(self.ask("/healthz", name=name)[0] == http.HTTPStatus.OK for name in ("web", SPARE))

    def alerts(self) -> list[Mapping[str, str]]:
        """Return the labels of the alerts that fire, as Prometheus says."""
        status, text, _seconds = self.ask("/api/v1/alerts", name="prometheus")
        if status != http.HTTPStatus.OK:
            return []
        return [each["labels"] for each in json.loads(text)["data"]["alerts"] if each["state"] == "firing"]
