"""R11 (`docs/targets.md`): replace web server and workers under load; no request fails, no task is run twice.

The web server is replaced as docs/operations/upgrade.md describes: SIGUSR2 starts a second one on the same socket,
SIGTERM ends the first. Workers get SIGTERM, end their current task, and are started again.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil

from tests.faults import portal as portals
from tests.faults.measuring import Measured, Options, measured
from tests.faults.portal import Portal

if TYPE_CHECKING:
    from tests.faults.people import Person

KEYS = ("R11",)
RESTARTS, SMOKE_RESTARTS = 5, 1
CLIENTS = 4
PEOPLE, SMOKE_PEOPLE = 40, 8  # candidates who file during one restart
READY_SECONDS = 60
PAGES = ("/offres/", "/healthz", "/candidatures/")


class Load:
    """Candidates who file and read until stopped, each request over a new connection."""

    def __init__(self, portal: Portal, people: "list[Person]") -> None:
        self.port = portal.port
        self.people = list(people)
        self.requests = 0
        self.failures: list[str] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._go_on, args=[number]) for number in range(CLIENTS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _go_on(self, number: int) -> None:
        from tests.faults.people import ask  # noqa: PLC0415 -- needs the portal's settings

        turn = 0
        while not self._stop.is_set():
            turn += 1
            with self._lock:
                person = self.people.pop() if self.people and turn % 4 == 0 else None
            if person is not None:
                answer = person.file()
                said = "" if answer.is_receipt or answer.is_arrival else f"filing: {answer.status}"
            else:
                page = PAGES[(turn + number) % len(PAGES)]
                status, _where, _seconds = ask(self.port, "GET", page)
                said = "" if status in {200, 302} else f"{page}: {status}"
            with self._lock:
                self.requests += 1
                if said:
                    self.failures.append(said)
            time.sleep(0.01)


def measure(options: Options) -> dict[str, Measured]:
    """Restart every process, one after the other, while candidates file."""
    failures: list[float] = []
    requests, said = 0, []
    # The gunicorn script, as an operator starts it: gunicorn can re-execute only a script.
    gunicorn = [str(Path(sys.executable).with_name("gunicorn")), "--bind", "127.0.0.1:{port}"]
    with portals.running(options.folder / "portal", web=gunicorn) as portal:
        from tests.faults.outcome_check import wait_until_settled  # noqa: PLC0415 -- needs the portal's settings
        from tests.faults.people import Crowd  # noqa: PLC0415 -- needs the portal's settings

        crowd = Crowd(portal.port)
        portal.rest("web")  # its first process ends on purpose: another one has taken its socket
        count = SMOKE_PEOPLE if options.smoke else PEOPLE
        for _turn in range(SMOKE_RESTARTS if options.smoke else RESTARTS):
            with Load(portal, [crowd.next() for _ in range(count)]) as load:
                time.sleep(1)
                _replace_web_server(portal)
                for name in portal.others():
                    _restart(portal, name)
                time.sleep(1)
            failures.append(len(load.failures))
            requests += load.requests
            said += load.failures
        settled = wait_until_settled(portal, seconds=300)
        twice = _done_twice(portal)
        fell = portal.fell
    return {
        "R11": measured(
            sum(failures) + twice,
            "0 failed requests, 0 tasks run twice",
            holds=not any(failures) and not twice and not fell and settled,
            note=f"{requests} requests over {len(failures)} restarts of everything: {len(said)} failed, "
            f"{twice} deliveries were begun twice or sent twice"
            + "".join(f"; {line}" for line in said[:3])
            + "".join(f"; fell: {one}" for one in fell)
            + ("" if settled else "; some deliveries were still not done after 300 s"),
            values=failures,
        )
    }


def _replace_web_server(portal: Portal) -> None:
    first = _masters(portal)[-1]
    os.kill(first.pid, signal.SIGUSR2)
    ends = time.monotonic() + READY_SECONDS
    while True:
        second = [master for master in _masters(portal) if master.pid != first.pid]
        if second and len(second[0].children()) >= portals.WEB_PROCESSES:
            break
        if time.monotonic() > ends:
            message = "the second web server did not start"
            raise RuntimeError(message)
        time.sleep(0.1)
    time.sleep(1)  # the new processes load the application first; the old ones answer until then
    first.send_signal(signal.SIGTERM)
    _wait_for_end(first)


def _masters(portal: Portal) -> list[psutil.Process]:
    """Return the web server's master processes, the oldest first: those with children."""
    group = portal.process("web").pid  # the group keeps the pid of its first process
    ours = [process for process in psutil.process_iter() if _in_group(process, group)]
    return sorted((process for process in ours if process.children()), key=psutil.Process.create_time)


def _in_group(process: psutil.Process, group: int) -> bool:
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.Error):
        return False


def _wait_for_end(process: psutil.Process) -> None:
    ends = time.monotonic() + READY_SECONDS
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > ends:
            message = f"{process} did not end"
            raise RuntimeError(message)
        time.sleep(0.05)


def _restart(portal: Portal, name: str) -> None:
    process = portal.process(name)
    process.terminate()
    process.wait(READY_SECONDS)
    portal.start(name)
    time.sleep(1)


def _done_twice(portal: Portal) -> int:
    """Count the deliveries that were begun more than once, and the mails that came more than once."""
    from intake.outbox.models import Delivery  # noqa: PLC0415 -- needs the portal's settings

    begun = Delivery.objects.filter(attempts__gt=1).count()
    sent = sum(len(arrivals) > 1 for arrivals in portal.mailbox.everything().values())
    return begun + sent
