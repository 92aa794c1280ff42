"""Map of the tests that execute a line or render a template, from one recorded run of the suite.

The map stores the text of every file, so that it serves a changed tree too: a line is looked up at its position in
the stored text, a new line by the lines around it.
"""

import ast
import difflib
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import cached_property, lru_cache
from pathlib import Path

import coverage
from coverage.numbits import numbits_to_nums, numbits_union

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "mutants"
FILE = FOLDER / "map.sqlite"
DATABASE = "the database is made"
"""Context of the lines that migrations execute: their effect is in the database before the first test."""
# Browsers, and portals that are killed and started many times: each would take minutes per mutant.
LEFT_OUT = (
    "tests/journeys",
    "tests/devtools/embedded",
    "tests/benchmarks",
    "tests/mutants",
    "tests/faults/test_kills.py",
    "tests/faults/test_restore.py",
    "tests/faults/test_one_receipt.py",
    "tests/faults/test_application_clock.py",
)
_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE tests (id INTEGER PRIMARY KEY, name TEXT UNIQUE, seconds REAL, failed INTEGER);
CREATE TABLE hits (path TEXT, test INTEGER, bits BLOB);
CREATE TABLE templates (path TEXT, test INTEGER);
CREATE TABLE sources (path TEXT PRIMARY KEY, text TEXT);
CREATE INDEX hits_path ON hits (path);
CREATE INDEX templates_path ON templates (path);
"""


def record(workers: int) -> Path:
    """Run the suite once, each test under its own name; return the folder of the recorded files."""
    folder = FOLDER / "record"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.mutants.recorder", "-p", "no:cacheprovider"]
    command += ["-m", "not full", "--hypothesis-profile=steady", "-n", str(workers), "--dist", "loadfile"]
    command += [f"--ignore={path}" for path in LEFT_OUT]
    # Coverage writes no bytecode in child processes, and only the C tracer records contexts.
    environment = os.environ | {"MUTANTS_RECORD": str(folder), "COVERAGE_CORE": "ctrace"}
    # A failing test is reported and never tests a mutant; the map is written all the same.
    subprocess.run(command, cwd=ROOT, env=environment, check=False)
    return folder


def add_up(folder: Path, commit: str) -> None:
    """Write the map from the recorded files of a folder."""
    FILE.unlink(missing_ok=True)
    with closing(sqlite3.connect(FILE)) as store, store:
        store.executescript(_TABLES)
        store.execute("INSERT INTO meta VALUES ('commit', ?)", (commit,))
        numbers = _write_tests(store, folder)
        _write_hits(store, folder, numbers)
        for path in sources():
            text = (ROOT / path).read_text(encoding="utf-8")
            store.execute("INSERT INTO sources VALUES (?, ?)", (path, text))


def sources() -> list[str]:
    """Return the paths of the product's modules and templates, without migrations and files outside the repository."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    command += ["eligibility/*.py", "offers/*.py", "intake/*.py", "templates/*"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted(
        path for path in set(listed) - {""} if "/migrations/" not in path and (ROOT / path).is_file()
    )


def _write_tests(store: sqlite3.Connection, folder: Path) -> dict[str, int]:
    seconds: dict[str, float] = defaultdict(float)
    failed: set[str] = set()
    templates: set[tuple[str, str]] = set()
    for part in folder.glob("tests.*.json"):
        recorded = json.loads(part.read_text(encoding="utf-8"))
        for test, duration in recorded["durations"].items():
            seconds[test] += duration
        failed.update(recorded["failed"])
        templates.update(
            (_relative(path), test) for path, tests in recorded["templates"].items() for test in tests
        )
    numbers = {test: number for number, test in enumerate(sorted(seconds), start=1)}
    store.executemany(
        "INSERT INTO tests VALUES (?, ?, ?, ?)",
        [(number, test, seconds[test], test in failed) for test, number in numbers.items()],
    )
    store.executemany(
        "INSERT INTO templates VALUES (?, ?)",
        [(path, numbers[test]) for path, test in sorted(templates) if test in numbers],
    )
    return numbers


def _write_hits(store: sqlite3.Connection, folder: Path, numbers: dict[str, int]) -> None:
    found: dict[tuple[str, int], bytes] = {}
    for part in (*folder.glob("lines.*"), *folder.glob("child.*")):
        data = coverage.CoverageData(str(part))
        data.read()
        data.close()
        with closing(sqlite3.connect(part)) as recorded:
            rows = recorded.execute(
                "SELECT f.path, c.context, b.numbits FROM line_bits b "
                "JOIN file f ON f.id = b.file_id JOIN context c ON c.id = b.context_id"
            )
            for path, context, bits in rows:
                for number in _numbers(context, numbers):
                    key = (_relative(path), number)
                    found[key] = numbits_union(found[key], bits) if key in found else bits
    store.executemany(
        "INSERT INTO hits VALUES (?, ?, ?)", [(path, test, bits) for (path, test), bits in found.items()]
    )


def _numbers(context: str, numbers: dict[str, int]) -> list[int]:
    """Return the tests of a context; 0 is the import of a module, -1 the creation of the database.

    A child process that a fixture starts counts for each test of its file.
    """
    if context in {"", DATABASE}:
        return [0 if not context else -1]
    if context in numbers:
        return [numbers[context]]
    name, _space, stage = context.rpartition(" ")
    if name in numbers and stage != "(setup)":
        return [numbers[name]]
    file = name.partition("::")[0]
    return [number for test, number in numbers.items() if test.startswith(f"{file}::")]


def _relative(path: str) -> str:
    """Return a path from the root of the repository; the recorded path may be in a copy of it."""
    parts = Path(path).parts
    starts = [
        index for index, part in enumerate(parts) if part in {"eligibility", "offers", "intake", "templates"}
    ]
    return "/".join(parts[starts[0] :]) if starts else path


class Map:
    """A recorded run, read from its file."""

    def __init__(self, file: Path = FILE) -> None:
        self._store = sqlite3.connect(file, check_same_thread=False)
        rows = self._store.execute("SELECT id, name, seconds, failed FROM tests").fetchall()
        self._names = {number: name for number, name, _, failed in rows if not failed}
        self.seconds: dict[str, float] = {name: seconds for _, name, seconds, failed in rows if not failed}
        """Duration of each test that passed."""
        self.failed = sorted(name for _, name, _, failed in rows if failed)
        self.commit: str = self._store.execute("SELECT value FROM meta WHERE name = 'commit'").fetchone()[0]

    def close(self) -> None:
        """Close its file."""
        self._store.close()

    @cached_property
    def by_file(self) -> dict[str, list[str]]:
        """Tests by test file."""
        found: dict[str, list[str]] = defaultdict(list)
        for test in self.seconds:
            found[test.partition("::")[0]].append(test)
        return found

    def executing(self, path: str, lines: Iterable[int]) -> set[str]:
        """Return the tests that execute one of the lines of a file in its current text."""
        return {self._names[test] for test in self._hits(path, lines) if test in self._names}

    def makes_the_database(self, path: str, lines: Iterable[int]) -> bool:
        """True if one of the lines is executed when the database is created, before the first test."""
        return -1 in self._hits(path, lines)

    def is_executed_at_start(self, path: str, lines: Iterable[int]) -> bool:
        """True if one of the lines is executed when modules are imported and apps are set up."""
        return 0 in self._hits(path, lines)

    def touching(self, path: str) -> set[str]:
        """Return the tests that execute any line of a file after its import."""
        rows = self._store.execute("SELECT DISTINCT test FROM hits WHERE path = ?", (path,))
        return {self._names[test] for (test,) in rows if test in self._names}

    def rendering(self, path: str) -> set[str]:
        """Return the tests that render a template."""
        rows = self._store.execute("SELECT DISTINCT test FROM templates WHERE path = ?", (path,))
        return {self._names[test] for (test,) in rows if test in self._names}

    def knows(self, path: str) -> bool:
        """True if the file existed when the map was written."""
        return bool(self._store.execute("SELECT 1 FROM sources WHERE path = ?", (path,)).fetchone())

    def _hits(self, path: str, lines: Iterable[int]) -> set[int]:
        wanted = {self._then(path).get(line, 0) for line in lines} - {0}
        return {test for line in wanted for test in self._lines(path).get(line, ())}

    @lru_cache(maxsize=8)  # noqa: B019 -- one map lives as long as the process
    def _lines(self, path: str) -> dict[int, set[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        for test, bits in self._store.execute("SELECT test, bits FROM hits WHERE path = ?", (path,)):
            for line in numbits_to_nums(bits):
                found[line].add(test)
        return found

    @lru_cache(maxsize=64)  # noqa: B019 -- one map lives as long as the process
    def _then(self, path: str) -> dict[int, int]:
        """Return the stored line of each current line; for a new line, the line that was at its place."""
        row = self._store.execute("SELECT text FROM sources WHERE path = ?", (path,)).fetchone()
        now = (ROOT / path).read_text(encoding="utf-8").splitlines()
        if row is None:
            return {}
        old = row[0].splitlines()
        if old == now:
            return {line: line for line in range(1, len(now) + 1)}
        found: dict[int, int] = {}
        for _tag, first, last, start, end in difflib.SequenceMatcher(
            None, old, now, autojunk=False
        ).get_opcodes():
            for index in range(start, end):
                found[index + 1] = max(1, min(first + index - start, max(first, last - 1)) + 1)
        return found


def statements(source: str) -> dict[int, tuple[range, bool]]:
    """Return, for each line of a module, the lines of its statement and whether it is in a function's body.

    For a compound statement, only its own lines: those of an `if` before its first statement.
    """
    found: dict[int, tuple[range, bool]] = {}
    for statement, inside in _statements(ast.parse(source).body, inside=False):
        body = getattr(statement, "body", None)
        end = (statement.end_lineno or statement.lineno) + 1
        lines = range(statement.lineno, max(statement.lineno + 1, body[0].lineno) if body else end)
        for line in lines:
            found[line] = (lines, inside)
    return found


def _statements(body: list[ast.stmt], *, inside: bool) -> Iterator[tuple[ast.stmt, bool]]:
    for statement in body:
        yield statement, inside
        within = inside or isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef))
        for name in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, name, []), inside=within)
        for inner in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
            yield from _statements(inner.body, inside=within)


def mirror(path: str) -> str:
    """Return the folder of tests that mirrors that of a module, a template or a file of SQL."""
    parts = [part for part in Path(path).parts[:-1] if part not in {"intake", "templates", "admin"}]
    if Path(path) == Path("intake/wiring.py"):
        return "tests/wiring/"
    if not parts or parts[0] == "base":  # the kit of the pages is tested by their folder
        return "tests/web/"
    return f"tests/{parts[0]}/"


def stem_words(path: str) -> set[str]:
    """Return the words of a file's name and folders, by which a test file may be named after it."""
    words = re.findall(r"[a-z]{4,}", path.removesuffix(".py").removesuffix(".html").lower())
    return {word.removesuffix("s") for word in words} - {
        "test",
        "tests",
        "intake",
        "template",
        "service",
        "view",
    }
