"""`make run`: the embedded servers, then the portal's processes under honcho, until Ctrl-C."""

import errno
import os
import shlex
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message, Printer

from intake.devtools import embedded

from .keeper import free_port
from .places import EmbeddedPaths

DEFAULT_PORT = 8000
LAST_PORT = 65535
STOPPED_BY_US = {130, 143}  # honcho's return codes after SIGINT and SIGTERM
STARTED_AT_ONCE = {"mail", "web", "portal"}


ORDINARY_ENDS = ("(rc=0)", "(rc=-15)")


class QuietPrinter(Printer):  # type: ignore[misc]  # -- honcho ships no types
    """Printer of the processes' output; of honcho's own lines, only those about a process that failed."""

    def write(self, message: Message) -> None:
        """Print one line, unless it is filtered out."""
        text = message.data.decode(errors="replace") if isinstance(message.data, bytes) else message.data
        if message.name == SYSTEM_PRINTER_NAME:
            worth_saying = "stopped (rc=" in text and not any(code in text for code in ORDINARY_ENDS)
        else:
            worth_saying = bool(text.strip())
        if worth_saying:
            super().write(message)


def main() -> int:
    """Run the portal until it is stopped; return the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Closing the terminal stops the portal too; honcho handles only SIGINT and SIGTERM.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    try:
        port = chosen_port(os.environ)
        folder = embedded.data_dir()
        with embedded.servers(folder, database=embedded.external_database(os.environ)) as urls:
            embedded.migrate(folder, urls)
            os.environ.pop("DATABASE_OWNER_URL", None)
            return supervise(folder, os.environ | urls.environment(), port, owner=urls.database_owner)
    except embedded.EmbeddedError as error:
        sys.stderr.write(f"make run: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 0


def chosen_port(environ: Mapping[str, str]) -> int:
    """Return the port of `PORT`, if the portal can listen on it.

    :raises EmbeddedError: if it is not a port number, or is in use.
    """
    text = environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 0 < int(text) <= LAST_PORT:
        message = f"PORT={text} is not a port: give a number from 1 to {LAST_PORT}."
        raise embedded.EmbeddedError(message)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            reason = f"refused: {error.strerror}"
            if error.errno == errno.EADDRINUSE:
                reason = "is in use: choose another one, as in make run PORT=8001"
            message = f"port {text} {reason}."
            raise embedded.EmbeddedError(message) from error
    return int(text)


def processes(folder: Path, *, port: int, smtp_port: int) -> dict[str, list[str]]:
    """Return the processes by the prefix of their lines. One worker per queue: no receipt waits behind a dossier.

    Those of `filings`, `mail` and `uploads` are two processes, as in `docker-compose.yml`: a rush fills their queues.
    """
    # A clone may run as root; Celery's warnings about root would hide the lines of the demonstration.
    celery = ["-W", "ignore:::celery.platforms", "-m", "celery", "--quiet", "--app", "intake.celery"]
    calm = ["--loglevel", "warning", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    catcher = ["-m", "intake.devtools.embedded.mail_catcher"]
    worker = [*celery, "worker", *calm, "--concurrency", "1"]
    workers = [*celery, "worker", *calm, "--concurrency", "2"]
    return {
        "mail": [*catcher, "--port", str(smtp_port), "--directory", str(folder / "mail")],
        "web": [
            *("-m", "gunicorn", "--bind", f"127.0.0.1:{port}"),
            *("--access-logfile", str(folder / "access.log")),
        ],
        "filings": [*workers, "--queues", "filings", "--hostname", "filings@intake"],
        "mailer": [*workers, "--queues", "mail", "--hostname", "mailer@intake"],
        "receipts": [*worker, "--queues", "receipts", "--hostname", "receipts@intake"],
        "dossiers": [*worker, "--queues", "documents", "--hostname", "dossiers@intake"],
        "exports": [*worker, "--queues", "exports", "--hostname", "exports@intake"],
        "uploads": [*workers, "--queues", "uploads", "--hostname", "uploads@intake"],
        "sweep": [str(embedded.BASE_DIR / "manage.py"), "sweep_outbox"],
        "beat": [*celery, "beat", "--loglevel", "warning", "--pidfile="],
        "portal": ["-m", "intake.devtools.embedded.welcome"],
    }


def supervise(folder: Path, environment: Mapping[str, str], port: int, *, owner: str) -> int:
    """Run the processes until one ends or the portal is stopped. The demonstration alone has the `owner`'s address.

    The others start once the web server has answered: the libraries that each of them loads, all at once, would delay
    the first page by seconds.
    """
    smtp_port = free_port()
    environment = dict(environment) | {
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": embedded.SETTINGS,
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
        "PYTHONUNBUFFERED": "1",
        "SITE_URL": f"http://127.0.0.1:{port}",
    }
    answered = EmbeddedPaths(folder).answered_file
    answered.unlink(missing_ok=True)
    manager: Any = Manager(QuietPrinter(sys.stdout))
    for name, arguments in processes(folder, port=port, smtp_port=smtp_port).items():
        command = "exec " + shlex.join([sys.executable, *arguments])
        if name not in STARTED_AT_ONCE:
            command = f"until [ -e {shlex.quote(str(answered))} ]; do sleep 0.1; done; {command}"
        own = {"DATABASE_OWNER_URL": owner} if name == "portal" else {}
        manager.add_process(name, command, env=environment | own, cwd=str(embedded.BASE_DIR))
    manager.loop()
    return 0 if manager.returncode in STOPPED_BY_US else manager.returncode or 0


if __name__ == "__main__":
    raise SystemExit(main())
