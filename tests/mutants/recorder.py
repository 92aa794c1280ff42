"""Record what each test executes: a plugin of pytest, loaded by `python -m tests.mutants --map` alone.

Lines of our packages, those that child processes execute too; templates that are rendered; how long each test takes and
whether it failed. Each process of the run writes its own files in the folder that `MUTANTS_RECORD` names, and
`tests.mutants.coverage_map` adds them up.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest
from django.test.signals import template_rendered

from tests.mutants.coverage_map import DATABASE

FOLDER = Path(os.environ["MUTANTS_RECORD"])
PACKAGES = ["eligibility", "offers", "intake"]
OFTEN = 100
"""Tests between two times that the record is written."""
CHILDREN = f"""
[run]
source =
    {"\n    ".join(PACKAGES)}
omit = */migrations/*
parallel = true
data_file = {FOLDER}/child
context = ${{PYTEST_CURRENT_TEST-}}
sigterm = true
patch = _exit
disable_warnings =
    no-data-collected
    module-not-measured
    module-not-imported
    module-not-python
    previously-imported
    already-imported
    couldnt-parse
"""

_recorded = coverage.Coverage(
    data_file=str(FOLDER / "lines"),
    data_suffix=True,
    source=PACKAGES,
    omit=["*/migrations/*"],
    config_file=False,
    messages=False,
)
_recorded.set_option(
    "run:disable_warnings", ["no-data-collected", "module-not-measured", "previously-imported"]
)
_recorded.start()

_durations: dict[str, float] = defaultdict(float)
_failed: set[str] = set()
_rendered: dict[str, set[str]] = defaultdict(set)
_current: list[str] = [""]


def pytest_configure(config: pytest.Config) -> None:
    """Let the child processes of the tests record their lines, unless this process only hands tests out."""
    if not hasattr(config, "workerinput") and config.getoption("numprocesses", default=None):
        return
    settings = FOLDER / "children.ini"
    settings.write_text(CHILDREN, encoding="utf-8")
    os.environ["COVERAGE_PROCESS_START"] = str(settings)
    template_rendered.connect(_note_template, weak=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Put what runs now under the test's own name."""
    _current[0] = item.nodeid
    _recorded.switch_context(item.nodeid)
    try:
        return (yield)
    finally:
        _current[0] = ""
        _recorded.switch_context("")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
    """Put the migrations under a name of their own, whichever test comes first."""
    if fixturedef.argname != "django_db_setup":
        return (yield)
    _recorded.switch_context(DATABASE)
    try:
        return (yield)
    finally:
        _recorded.switch_context(_current[0])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up how long a test takes."""
    _durations[report.nodeid] += report.duration
    if report.failed:
        _failed.add(report.nodeid)


def pytest_runtest_logfinish() -> None:
    """Write what there is now and then: a run that is broken off leaves a map of what it did."""
    if len(_durations) % OFTEN == 0:
        _write()


def pytest_unconfigure() -> None:
    """Write what this process recorded."""
    _recorded.stop()
    _write()


def _write() -> None:
    _recorded.save()
    if _rendered or "COVERAGE_PROCESS_START" in os.environ:
        (FOLDER / f"tests.{os.getpid()}.json").write_text(
            json.dumps(
                {
                    "durations": _durations,
                    "failed": sorted(_failed),
                    "templates": {name: sorted(tests) for name, tests in _rendered.items()},
                }
            ),
            encoding="utf-8",
        )


def _note_template(template: Any = None, **_: object) -> None:
    if _current[0] and template is not None and template.origin is not None:
        _rendered[str(template.origin.name)].add(_current[0])
