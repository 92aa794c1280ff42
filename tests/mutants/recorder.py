"""Pytest plugin that records what each test executes, loaded only by `python -m tests.mutants --map`.

Records the executed lines of our packages, those of child processes too; the rendered templates; the duration of each
test and whether it failed. Each process of the run writes its own files to the folder `MUTANTS_RECORD`, and
`tests.mutants.coverage_map` combines them.
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
"""Tests between two writes of the record."""
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
    """Start recording in the child processes of the tests, unless this process only distributes tests."""
    if not hasattr(config, "workerinput") and config.getoption("numprocesses", default=None):
        return
    settings = FOLDER / "children.ini"
    settings.write_text(CHILDREN, encoding="utf-8")
    os.environ["COVERAGE_PROCESS_START"] = str(settings)
    template_rendered.connect(_note_template, weak=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Record under the test's own name."""
    _current[0] = item.nodeid
    _recorded.switch_context(item.nodeid)
    try:
        return (yield)
    finally:
        _current[0] = ""
        _recorded.switch_context("")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
    """Record the migrations under their own name, whichever test runs first."""
    if fixturedef.argname != "django_db_setup":
        return (yield)
    _recorded.switch_context(DATABASE)
    try:
        return (yield)
    finally:
        _recorded.switch_context(_current[0])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up the duration of a test."""
    _durations[report.nodeid] += report.duration
    if report.failed:
        _failed.add(report.nodeid)


def pytest_runtest_logfinish() -> None:
    """Write the record every `OFTEN` tests, so that an interrupted run leaves a map."""
    if len(_durations) % OFTEN == 0:
        _write()


def pytest_unconfigure() -> None:
    """Write the record of this process."""
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
