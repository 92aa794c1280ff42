"""Run pytest repeatedly without importing the libraries again: each job is a fork of one process.

Reads one job per line from standard input, as JSON, and writes one line per answer. Runs in a copy of the repository
and imports none of it but `tests.mutants`: a job imports the files in their current text.
"""

import importlib
import json
import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

LIBRARIES = (
    *("pytest", "_pytest.assertion.rewrite", "pytest_django.plugin", "pytest_timeout", "xdist", "hypothesis"),
    *(
        "hypothesis.strategies",
        "hypothesis.extra.django",
        "psycopg",
        "psycopg_pool",
        "django.db.models",
        "yaml",
    ),
    *(
        "django.db.migrations",
        "django.contrib.postgres.fields",
        "django.test",
        "django.forms",
        "django.views.generic",
    ),
    *(
        "django.core.management",
        "celery",
        "kombu",
        "redis",
        "lxml.etree",
        "lxml.html",
        "PIL.Image",
        "pikepdf",
    ),
    *("weasyprint", "pyhanko.sign.signers", "pyhanko.sign.validation", "segno", "pypdfium2", "xlsxwriter"),
    *(
        "openpyxl",
        "feedparser",
        "vobject",
        "phonenumbers",
        "cryptography.x509",
        "playwright.sync_api",
        "psutil",
    ),
    *("django_stubs_ext", "environ", "factory", "faker", "icalendar", "asn1crypto.cms", "concurrent.futures"),
)
PASSED, FAILED, TIMED_OUT = "passed", "failed", "timed out"


class Chosen:
    """Pytest plugin that runs only some tests or test files, in a given order, and records which failed."""

    def __init__(self, tests: list[str], database: str) -> None:
        self._places = {test: place for place, test in enumerate(tests)}
        self._database = database
        self.ran = 0
        self.failures: list[str] = []

    def pytest_configure(self) -> None:
        """Use the existing database, unless a new one is requested."""
        if self._database:
            from django.db.backends.base.creation import BaseDatabaseCreation  # noqa: PLC0415 -- needs Django set up

            def take(creation: Any, *_: object, **__: object) -> str:
                creation.connection.close()
                creation.connection.settings_dict["NAME"] = self._database
                creation.connection.ensure_connection()
                return self._database

            setattr(BaseDatabaseCreation, "create_test_db", take)  # noqa: B010 -- the stub has overloads

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keep the chosen tests, nearest first."""
        if self._places:
            placed = [(place, item) for item in items if (place := self._place(item.nodeid)) is not None]
            items[:] = [item for _, item in sorted(placed, key=lambda pair: pair[0])]

    def _place(self, test: str) -> int | None:
        return self._places.get(test, self._places.get(test.partition("::")[0]))

    def pytest_collectreport(self, report: Any) -> None:
        """Record a test file that fails to import."""
        if report.failed:
            self.failures.append(report.nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Record a failing test."""
        self.ran += report.when == "call"
        if report.failed and report.nodeid not in self.failures:
            self.failures.append(report.nodeid)


def load_libraries() -> None:
    """Import the libraries that the jobs need; none of our modules, which a change may alter."""
    for name in LIBRARIES:
        with suppress(Exception):  # a library that needs settings is imported by each job
            importlib.import_module(name)


def main() -> None:
    """Serve jobs until the end of standard input."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    if os.environ.get("MUTANTS_LIBRARIES") != "none":
        load_libraries()
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), file=answers, flush=True)


def _run(job: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            _test(job, writing)
        except BaseException:  # noqa: BLE001 -- printed to the log of the job
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(70)
    os.close(writing)
    give_up_at = time.monotonic() + job["seconds"]
    in_time = True
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        if time.monotonic() > give_up_at:
            in_time = False
            _kill(child)
            os.waitpid(child, 0)
            break
        time.sleep(0.02)
    _kill(child)  # kills the child processes that it left
    with os.fdopen(reading, encoding="utf-8") as told:
        said = told.read() if in_time else ""
    if not in_time:
        return {"outcome": TIMED_OUT, "failures": [], "ran": 0}
    # No answer: a mutant ended the process.
    answer: dict[str, Any] = json.loads(said) if said else {"outcome": FAILED, "failures": [], "ran": 0}
    return answer


def _kill(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _test(job: dict[str, Any], told: int) -> None:
    os.setsid()
    os.environ.update(job["environment"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 -- open until the process ends
    chosen = Chosen(job["tests"], job["database"])
    # The plugins are imported already, so pytest cannot rewrite their assertions and warns.
    quiet = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
    code = int(pytest.main([*quiet, *job["options"], *job["files"]], plugins=[chosen]))
    outcome = FAILED if chosen.failures or code not in {0, 5} else PASSED
    answer = {"outcome": outcome, "failures": chosen.failures, "ran": chosen.ran}
    sys.stdout.flush()
    os.write(told, json.dumps(answer).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
