"""The complete portal as `make run` starts it: real servers, workers and mail."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from intake.devtools.embedded.keeper import free_port
from tests.journeys.shell import Shell

START_SECONDS = 300
CODE_SECONDS = 30
MANAGE_SECONDS = 300
MAIL_SECONDS = 180  # for the last of several dossiers, on a busy machine
ROOT = Path(__file__).resolve().parents[2]
RECEIPT_NUMBER = re.compile(r"\d{4}-\d{3}-\d{6}-[0-9A-Z]")
_LINK = re.compile(r"(http://127\.0\.0\.1:\d+/connexion/lien/\S+)")


@dataclass(frozen=True)
class Portal:
    """A running portal: its address and its output."""

    url: str
    data_dir: Path
    log: Path
    shell: Shell

    @classmethod
    def at(cls, url: str, data_dir: Path) -> "Portal":
        """Return a portal that runs or is starting, with a shell of this process beside it."""
        shell = Shell(ROOT, clean_environment(data_dir), seconds=MANAGE_SECONDS)
        return cls(url=url, data_dir=data_dir, log=data_dir / "terminal.log", shell=shell)

    def made_by(self, code: str) -> Any:
        """Run `code` in a shell on the portal's data. Return the JSON of the last line it printed."""
        return json.loads(self.shell.ask(code).splitlines()[-1])

    def said(self) -> str:
        """Return the output of `make run` so far."""
        return self.log.read_text(errors="replace")

    def open_offer(self) -> str:
        """Return the number of the offer with the demonstration's submissions; other tests may open more offers."""
        shown = RECEIPT_NUMBER.search(self.said())
        assert shown is not None
        return shown[0][:8]

    def links(self) -> dict[str, str]:
        """Return the one-time sign-in links in the terminal, by person. Each is for one test."""
        candidate, reviewer, staff = _LINK.findall(self.said())[:3]
        return {"candidate": candidate, "reviewer": reviewer, "staff": staff}

    def codes_for(self, address: str) -> list[str]:
        """Return the sign-in codes printed for an address so far, oldest first."""
        line = re.compile(rf"pour {re.escape(address)}\W+(\d{{3}})\W(\d{{3}})$", re.MULTILINE)
        return [first + second for first, second in line.findall(self.said())]

    def next_code(self, address: str, earlier: list[str]) -> str:
        """Wait for the first sign-in code printed for an address after the `earlier` ones, and return it."""
        printed = wait_for(
            lambda: self.codes_for(address)[len(earlier) :],
            seconds=CODE_SECONDS,
            what=f"a code for {address}",
        )
        return printed[0]

    def mails_to(self, address: str, *, count: int) -> list[EmailMessage]:
        """Wait for `count` mails to an address, and return them oldest first."""
        return wait_for(
            lambda: self._mails(address, count), seconds=MAIL_SECONDS, what=f"{count} mails to {address}"
        )

    def mail_about(self, address: str, *words: str) -> EmailMessage:
        """Wait for a mail to an address whose subject contains each of `words`, and return the first one.

        Mails of one filing are sent in any order: their number does not show which ones arrived.
        """
        return wait_for(
            lambda: next(
                (
                    mail
                    for mail in self._mails(address, 0) or []
                    if all(word in str(mail["Subject"]) for word in words)
                ),
                None,
            ),
            seconds=MAIL_SECONDS,
            what=f"a mail to {address} about {', '.join(words)}",
        )

    def _mails(self, address: str, count: int) -> list[EmailMessage] | None:
        files = sorted((self.data_dir / "mail").glob("*.eml"))
        mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
        mine = [mail for mail in mails if address in str(mail["To"])]
        return mine if len(mine) >= count else None

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `manage.py` on the portal's data."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=clean_environment(self.data_dir),
            capture_output=True,
            text=True,
            check=False,
            timeout=MANAGE_SECONDS,
        )


class MadeOnDemand(dict[str, dict[str, Any]]):
    """Objects by name, each made beside the portal when a test first asks for it, by a call that prints them."""

    def __init__(self, portal: Portal, call: str) -> None:
        """`call` has a place, `{name!r}`, for the name."""
        super().__init__()
        self._portal, self._call = portal, call

    def __missing__(self, name: str) -> dict[str, Any]:
        """Make the object."""
        self[name] = self._portal.made_by(self._call.format(name=name))[name]
        return self[name]


def wait_for[T](look: Callable[[], T | None], *, seconds: float, what: str) -> T:
    """Call `look` four times a second and return its first result that is true.

    :raises AssertionError: if there is none within `seconds`.
    """
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        found = look()
        if found:
            return found
        time.sleep(0.25)
    message = f"waited {seconds} s for {what}"
    raise AssertionError(message)


def clean_environment(data_dir: Path) -> dict[str, str]:
    """Return the environment of a new user's terminal, without the settings of the test run."""
    own = ("DJANGO_", "DATABASE_", "CELERY_", "CACHE_", "EMAIL_", "COV_", "COVERAGE_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(own)}
    return kept | {"DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"}


@contextmanager
def running(data_dir: Path) -> Iterator[Portal]:
    """Start the portal in `data_dir`, wait until it is ready, and stop all its processes at the end."""
    port = free_port()
    portal = Portal.at(f"http://127.0.0.1:{port}", data_dir)
    data_dir.mkdir(parents=True, exist_ok=True)
    with portal.log.open("wb") as terminal:
        process = subprocess.Popen(
            [sys.executable, "-m", "intake.devtools.embedded.run"],
            cwd=ROOT,
            env=clean_environment(data_dir) | {"PORT": str(port)},
            stdout=terminal,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_for(lambda: _ready(process, portal), seconds=START_SECONDS, what="the portal to be ready")
            yield portal
        finally:
            portal.shell.close()
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def _ready(process: "subprocess.Popen[bytes]", portal: Portal) -> bool:
    assert process.poll() is None, portal.said()
    return "Ctrl-C arrête tout." in portal.said()
