"""Put each fault of a table into a running portal, and check that it is told: `python -m tests.faults.alarms`.

Options: `--folder DIR`, `--only TEXT` (faults whose name contains it). Two installations run, with the processes and
settings of production and Prometheus as `docs/operations/metrics.md` configures it. In the first one the lanes run side
by side, in the second one fault after the other, because each keeps others from being told. Each row has what must be
told by `/readyz`, by an alert, on the page *État du portail* and in a log; the drill exits with 1 if one is silent, or
is not silent again once the fault is lifted. Prints the table as Markdown. For root, in about 15 minutes.
"""

import argparse
import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from tests.faults.fault_rows import FAULTS, STARTS, Fault, Start
from tests.faults.installation import Installation
from tests.faults.portal import started
from tests.migrated_database import copy_migrated_database
from tests.settings.environment import NEEDED, REST, run

TOLD_WITHIN: Final = 120
"""Seconds from a fault to all that must be told of it."""
OVER_WITHIN: Final = 240
PROBE_SECONDS: Final = 2.0
"""Of an answer of `/readyz`, whatever is away."""
_TO_MEND: Final = re.compile(r"<strong>([^<]*)</strong> \(")


@dataclass(frozen=True, slots=True)
class Told:
    """What the portal said at one moment."""

    checks: Mapping[str, Mapping[str, Any]]
    """Answer of `/readyz` of each web server, by its name; empty if there was none."""
    alerts: list[Mapping[str, str]]
    addresses: Mapping[str, str]
    """Of each web server, as the label `web` of a metric has it."""
    page: list[str] | None
    """Lines of the operator's page that ask for something; None if it was not answered."""


class Watch:
    """Asks an installation what it says, again and again, in threads."""

    def __init__(self, site: Installation, cookie: str) -> None:
        self._site, self._cookie = site, cookie
        self._lock = threading.Lock()
        self._said: dict[str, Any] = {"alerts": [], "page": None}
        self.slowest = 0.0
        """Seconds of the slowest answer of `/readyz`."""
        asked = {name: partial(self._ask_probe, name) for name in site.webs}
        for name, ask in (asked | {"alerts": site.alerts, "page": self._ask_page}).items():
            threading.Thread(target=self._go_on, args=[name, ask], daemon=True).start()

    def now(self) -> Told:
        """Return the last answers."""
        with self._lock:
            said = dict(self._said)
        checks = {name: said.get(name, {}) for name in self._site.webs}
        return Told(checks, said["alerts"], self._site.addresses, said["page"])

    def _go_on(self, name: str, ask: Callable[[], Any]) -> None:
        while True:
            said = ask()
            with self._lock:
                self._said[name] = said
            time.sleep(1)

    def _ask_probe(self, name: str) -> Mapping[str, Any]:
        status, text, seconds = self._site.ask("/readyz?all", name=name)
        if status and name == "web":
            self.slowest = max(self.slowest, seconds)
        return json.loads(text) if status in {HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE} else {}

    def _ask_page(self) -> list[str] | None:
        status, text, _seconds = self._site.ask("/admin/etat/", cookie=self._cookie)
        return _TO_MEND.findall(text) if status == HTTPStatus.OK else None


@dataclass(slots=True)
class Result:
    """When each part told of a fault, in seconds from it; None if it did not."""

    fault: Fault
    seconds: dict[str, float | None] = field(default_factory=dict)
    line: str = ""
    """First line of the log that tells of it."""
    over: float | None = None
    """Seconds from the end of the fault until nothing told of it."""
    error: str = ""

    @property
    def silent(self) -> list[str]:
        """Return what did not tell of the fault in time, or does still."""
        found = [part for part, seconds in self.seconds.items() if seconds is None]
        return (
            found + ([self.error] if self.error else []) + ([] if self.over is not None else ["told still"])
        )


def parts_of(fault: Fault, told: Told) -> dict[str, bool]:
    """Return which parts tell of a fault, of those that must."""
    answer = told.checks[fault.web]
    checks = answer.get("checks", {}) | answer.get("processes", {})
    found: dict[str, bool] = {}
    if fault.probe == "no answer":
        found["/readyz"] = not answer
    elif fault.probe:
        found["/readyz"] = checks.get(fault.probe, {}).get("status") == "failed"
    for name, labels in fault.alerts.items():
        wanted = {
            "alertname": name,
            **{label: told.addresses.get(value, value) for label, value in labels.items()},
        }
        found[name] = any(wanted.items() <= given.items() for given in told.alerts)
    if fault.page == "no answer":
        found["page"] = told.page is None
    elif fault.page:
        found["page"] = told.page is not None and fault.page in told.page
    return found


def run_fault(site: Installation, watch: Watch, fault: Fault) -> Result:
    """Put a fault in, wait until it is told, lift it, and wait until it is told no more."""
    result = Result(fault)
    if not _wait(lambda: not any(parts_of(fault, watch.now()).values()), OVER_WITHIN):
        result.error = f"told before: {[part for part, told in parts_of(fault, watch.now()).items() if told]}"
    process, pattern = fault.log or ("", "")
    log = site.folder / f"{process}.log" if process else None
    before = log.stat().st_size if log and log.exists() else 0
    result.seconds = dict.fromkeys([*parts_of(fault, watch.now()), *(["log"] if log else [])])
    began = time.monotonic()
    try:
        fault.put_in(site)
        while time.monotonic() < began + TOLD_WITHIN and None in result.seconds.values():
            time.sleep(0.5)
            for part, told in parts_of(fault, watch.now()).items():
                if told and result.seconds[part] is None:
                    result.seconds[part] = time.monotonic() - began
            if log and result.seconds["log"] is None and (line := _line(log, before, pattern)):
                result.seconds["log"], result.line = time.monotonic() - began, line
    except Exception as error:  # noqa: BLE001 -- the other faults are measured all the same
        result.error = repr(error)
    try:
        fault.lift(site)
    except Exception as error:  # noqa: BLE001 -- likewise
        result.error = repr(error)
    lifted = time.monotonic()
    if _wait(lambda: not any(parts_of(fault, watch.now()).values()), OVER_WITHIN):
        result.over = time.monotonic() - lifted
    _say(f"{fault.name}: {_seconds(result)}{f' SILENT: {result.silent}' if result.silent else ''}")
    return result


def _line(log: Path, before: int, pattern: str) -> str:
    with log.open("rb") as file:
        file.seek(before)
        found = re.search(rf"^.*(?:{pattern}).*$", file.read().decode(errors="replace"), re.MULTILINE)
    return found.group() if found else ""


def _wait(until: Callable[[], bool], seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while not until():
        if time.monotonic() > ends:
            return False
        time.sleep(0.5)
    return True


def _seconds(result: Result) -> str:
    told = [f"{part} {'-' if after is None else f'{after:.0f} s'}" for part, after in result.seconds.items()]
    return ", ".join([*told, f"over after {'-' if result.over is None else f'{result.over:.0f} s'}"])


def run_installation(folder: Path, rows: list[Fault], *, beside: bool) -> tuple[list[Result], float]:
    """Run the faults of one installation: lanes side by side, or one after the other; return the slowest probe too."""
    copy_migrated_database(folder)
    site = Installation(folder, fallback=not beside)
    os.environ.update(site.environment)
    with started(site):
        from intake.accounts.roles import Role  # noqa: PLC0415 -- needs the portal's settings
        from tests.factories.people import client_of, make_staff  # noqa: PLC0415 -- needs the portal's settings

        os.environ["DATABASE_OWNER_URL"] = site.urls.database_owner
        client = client_of(make_staff(Role.STAFF))
        _file_once()
        watch = Watch(site, "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()))
        lanes: dict[str, list[Fault]] = {}
        for row in rows:
            lanes.setdefault(row.lane if beside else "", []).append(row)
        ready = _wait(lambda: not watch.now().alerts and watch.now().page == [], OVER_WITHIN)
        said = "" if ready else f"; told before: {watch.now()}"
        _say(f"{folder.name}: {len(rows)} faults in {len(lanes)} lanes{said}")

        def run_lane(lane: list[Fault]) -> list[Result]:
            return [run_fault(site, watch, fault) for fault in lane]

        with ThreadPoolExecutor(max(1, len(lanes))) as pool:
            found = [result for results in pool.map(run_lane, lanes.values()) for result in results]
        return found, watch.slowest


def _file_once() -> None:
    """File an application, whose mail is sent, and whose PDFs are made tomorrow: they take long on a busy machine."""
    from django.db import transaction  # noqa: PLC0415 -- needs the portal's settings
    from django.db.models.functions import Now  # noqa: PLC0415 -- needs the portal's settings

    from intake.outbox.models import Delivery  # noqa: PLC0415 -- needs the portal's settings
    from intake.submissions.delivery_kinds import RECEIPT_MAIL  # noqa: PLC0415 -- needs the portal's settings
    from tests.factories.submissions import make_filing  # noqa: PLC0415 -- needs the portal's settings

    with transaction.atomic():
        asked_for = Delivery.objects.filter(key=make_filing().number)
        asked_for.exclude(kind=RECEIPT_MAIL).update(due_at=Now() + dt.timedelta(days=1))
    _wait(asked_for.filter(state=Delivery.State.DONE).exists, TOLD_WITHIN)


def run_start(start: Start) -> tuple[bool, str]:
    """Start a process with a wrong variable; return whether it ended with one line that says what is expected."""
    answer = run(*start.command, **(NEEDED | REST | dict(start.variables)))
    lines = [line for line in answer.stderr.splitlines() if "not serving" in line]
    told = answer.returncode != 0 and len(lines) == 1 and "Traceback" not in answer.stderr
    return told and all(word in lines[0] for word in start.says), lines[0] if lines else "-"


def table(results: list[Result]) -> str:
    """Return the table of Markdown."""
    lines = [
        "| fault | `/readyz` | alert, after | operator's page | log | over after |",
        "|---|---|---|---|---|---|",
    ]
    for result in results:
        fault, after = result.fault, result.seconds
        probe = "" if not fault.probe else f"{_told(f'`{fault.probe}`', after.get('/readyz'))}"
        alerts = ", ".join(_told(f"`{name}`", after.get(name)) for name in fault.alerts)
        page = "" if not fault.page else _told(fault.page, after.get("page"))
        log = "" if not fault.log else _told(_plain(*fault.log), after.get("log"))
        over = "**never**" if result.over is None else f"{result.over:.0f} s"
        lines.append(f"| {fault.name} | {probe} | {alerts} | {page} | {log} | {over} |")
    return "\n".join(lines) + "\n"


def _plain(process: str, pattern: str) -> str:
    return f"{process}: {pattern.replace('.*', '…').replace('|', ' or ')}".replace("\\", "")


def _told(what: str, seconds: float | None) -> str:
    return f"{what} **silent**" if seconds is None else f"{what} {seconds:.0f} s"


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def main() -> int:
    """Run the drill; return 1 if a fault was not told, or a probe was late."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.alarms")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--only", default="", help="faults whose name contains one of these, by commas")
    parser.add_argument(
        "--installation", choices=["beside", "alone"], help="this process runs one of the two"
    )
    asked = parser.parse_args()
    folder: Path = asked.folder or Path(tempfile.mkdtemp(prefix="intake-alarms-"))
    words = asked.only.split(",")
    rows = [row for row in FAULTS if any(word in row.name for word in words)]
    if asked.installation:
        beside = asked.installation == "beside"
        found, slowest = run_installation(
            folder, [row for row in rows if row.alone is not beside], beside=beside
        )
        late = [f"/readyz took {slowest:.1f} s"] if slowest > PROBE_SECONDS else []
        untold = [f"{result.fault.name}: {', '.join(result.silent)}" for result in found if result.silent]
        said = {"table": table(found), "silent": untold + late, "slowest": slowest}
        (folder / "told.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        return 0
    began, running = time.monotonic(), {}
    for name in ("beside", "alone"):
        if any(row.alone is (name == "alone") for row in rows):
            (folder / name).mkdir(parents=True)
            command = [
                sys.executable,
                "-m",
                "tests.faults.alarms",
                "--installation",
                name,
                "--only",
                asked.only,
            ]
            running[name] = subprocess.Popen([*command, "--folder", str(folder / name)])
    silent: list[str] = []
    for start in (each for each in STARTS if any(word in each.name for word in words)):
        told, line = run_start(start)
        sys.stdout.write(f"| {start.name} | {line} |\n")
        silent += [] if told else [f"{start.name}: {line}"]
    for name, process in running.items():
        process.wait()
        try:
            said = json.loads((folder / name / "told.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            silent.append(f"the installation {name} did not end: see {folder / name}")
            continue
        sys.stdout.write(f"{said['table']}\nslowest answer of /readyz: {said['slowest']:.2f} s\n\n")
        silent += said["silent"]
    sys.stdout.write(f"{len(rows)} faults in {time.monotonic() - began:.0f} s; silent: {len(silent)}\n")
    sys.stdout.writelines(f"silent: {line}\n" for line in silent)
    return 1 if silent else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
