"""Runs of mutants: results of jobs, selection and order of tests, and report."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.mutants import coverage_map, population, report
from tests.mutants.changes import Mutant
from tests.mutants.runner import KILLED, NOT_EXECUTED, SURVIVED, MutantResult
from tests.mutants.workers import environment_in

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TOY = "def bigger(a, b):\n    while a < 0:\n        pass\n    return a if a > b else b\n"
TESTS = (
    "from toy import bigger\ndef test_a(): assert bigger(2, 1) == 2\ndef test_b(): assert bigger(1, 2) == 2\n"
)


_LOADED = """
import sys
from tests.mutants.forkserver import load_libraries
load_libraries()
print(*(name for name in sys.modules if name.partition(".")[0] in {"intake", "offers", "eligibility"}))
"""


@pytest.mark.full
def test_no_product_module_is_loaded_before_the_change_is_applied() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", _LOADED],
        cwd=ROOT,
        env=environment_in(ROOT),
        check=True,
        capture_output=True,
        text=True,
    )
    assert answer.stdout == "\n"


@pytest.fixture(scope="module")
def fork_server() -> "Iterator[subprocess.Popen[str]]":
    with subprocess.Popen(
        [sys.executable, "-m", "tests.mutants.forkserver"],
        cwd=ROOT,
        env=os.environ | {"MUTANTS_LIBRARIES": "none"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        yield server
        assert server.stdin is not None
        server.stdin.close()


@pytest.mark.full
@pytest.mark.parametrize(
    "before,after,seconds,expected",
    [
        ("a > b", "a >= b", 60, ("passed", [], 2)),
        ("a > b", "a < b", 60, ("failed", ["test_toy.py::test_b"], 1)),
        ("def bigger", "def smaller", 60, ("failed", ["test_toy.py"], 0)),
        ("a < 0", "True", 3, ("timed out", [], 0)),
    ],
)
def test_a_mutant_is_killed_by_a_failing_test_or_by_its_time_limit(
    fork_server: "subprocess.Popen[str]",
    tmp_path: Path,
    before: str,
    after: str,
    seconds: float,
    expected: tuple[str, list[str], int],
) -> None:
    (tmp_path / "toy.py").write_text(TOY.replace(before, after))
    (tmp_path / "test_toy.py").write_text(TESTS)
    job = {
        "files": [str(tmp_path / "test_toy.py")],
        # The second test comes first: nearest first.
        "tests": ["test_toy.py::test_b", "test_toy.py::test_a"],
        "options": [
            "-x",
            "-q",
            "-c",
            os.devnull,
            f"--rootdir={tmp_path}",
            "-p",
            "no:django",
            "-p",
            "no:cacheprovider",
        ],
        "database": "",
        "environment": {},
        "seconds": seconds,
        "log": str(tmp_path / "log"),
    }
    assert fork_server.stdin is not None
    assert fork_server.stdout is not None
    print(json.dumps(job), file=fork_server.stdin, flush=True)
    answer = json.loads(fork_server.stdout.readline())
    assert (answer["outcome"], answer["failures"], answer["ran"]) == expected, (tmp_path / "log").read_text()


def test_each_module_has_its_folder_of_tests() -> None:
    folders = {coverage_map.mirror(path) for path in coverage_map.sources() if path.endswith(".py")}
    assert {folder for folder in folders if not (ROOT / folder).is_dir()} == set()


def test_the_same_seed_draws_the_same_mutants_in_any_order() -> None:
    mutants = [Mutant("a.py", "f", line, str(line), "x") for line in range(100)]
    drawn = population.drawn(mutants, 10, 7, lambda one: one.line % 2 == 0)
    assert drawn == population.drawn(mutants[::-1], 10, 7, lambda one: one.line % 2 == 0)
    assert len({one.line for one in drawn}) == 10
    assert all(one.line % 2 == 0 for one in drawn)


def test_a_commit_affects_the_mutants_of_its_lines() -> None:
    mutants = [Mutant("a.py", "f", line, "x", "y") for line in (1, 2, 3)] + [Mutant("b.py", "f", 2, "x", "y")]
    assert list(population.touched(mutants, {"a.py": {2, 9}})) == [mutants[1]]


def test_the_report_counts_by_package_and_lists_unargued_mutants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, argued, unseen, missed = (
        Mutant(path, "f", 3, before, "y")
        for path, before in (
            ("intake/web/a.py", "1"),
            ("intake/web/b.py", "2"),
            ("offers/c.py", "3"),
            ("templates/web/d.html", "4"),
        )
    )
    (tmp_path / "argued.md").write_text(f"* `{argued.name}`: the same.\n", encoding="utf-8")
    monkeypatch.setattr(report, "ARGUED", tmp_path / "argued.md")
    found = [
        MutantResult(seen, KILLED, "tests/a.py::test_a"),
        MutantResult(argued, SURVIVED, tried=["tests/a.py::test_a"]),
        MutantResult(unseen, SURVIVED, tried=["tests/a.py::test_a"]),
        MutantResult(missed, NOT_EXECUTED),
    ]
    lines = report.table(found, {"intake/web": 40, "offers": 9, "templates/web": 5}).splitlines()
    assert [line.split() for line in lines[1:5]] == [
        ["intake/web", "40", "2", "1", "1", "0", "1"],
        ["offers", "9", "1", "0", "1", "0", "0"],
        ["templates/web", "5", "1", "0", "0", "1", "0"],
        ["all", "54", "4", "1", "2", "1", "1"],
    ]
    assert "25.0 % killed, 0 of them by time-out" in lines
    assert [line for line in lines if ":3, " in line] == [
        "offers/c.py:3, f: survived",
        "templates/web/d.html:3, f: not executed",
    ]
    assert report.unargued(found) == found[2:]
