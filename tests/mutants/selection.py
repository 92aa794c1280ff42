"""Selection of the tests that run against a mutant, nearest first, and their limits."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.mutants.changes import Mutant
from tests.mutants.coverage_map import LEFT_OUT, Map, mirror, sources, statements, stem_words

ROOT = Path(__file__).parents[2]
WIRING = "intake/wiring.py"
"""Registers tables and functions of other modules before the first test: no test executes that."""
_CODE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_RAW_SQL = re.compile(r"sql|catalogue|invariants|tests/database/")


@dataclass(frozen=True, slots=True)
class Round:
    """Limits of one round of tests: seconds, tests, files."""

    seconds: float
    tests: int
    files: int


ROUNDS = (Round(15, 60, 10), Round(120, 3000, 120))
"""First a few near tests, which detect most mutants; then as many as the time allows, before a mutant survives."""


class MutantTestSelector:
    """Selects among the tests of a map."""

    def __init__(self, known: Map) -> None:
        self._map = known
        # Test files that are newer than the map: selected by nearness only.
        self._new = [path for path in _test_files() if path not in known.by_file]

    def tests(self, mutant: Mutant) -> list[str]:
        """Return the tests that run against a mutant, nearest first; a file's path stands for all its tests.

        None are returned for a line that no test executes.
        """
        if mutant.is_sql:
            return self._ranked(mutant, self._of_sql(mutant))
        if mutant.path.startswith("templates/"):
            found = self._map.rendering(mutant.path)
            # Tests in tests/house read the templates' own text.
            readers = self._in_files(file for file in _test_files() if found and _reads_templates(file))
            found |= {test for test in readers if _template_of(test) in {None, mutant.path}}
            return self._ranked(mutant, found)
        lines, inside = _statements(mutant.path).get(
            mutant.line, (range(mutant.line, mutant.line + 1), False)
        )
        found = set()
        if inside:
            found = self._map.executing(mutant.path, [mutant.line]) or self._map.executing(mutant.path, lines)
        if not inside or self._map.is_executed_at_start(mutant.path, [mutant.line]):
            # Tables, declarations, registrations: the tests of the modules that use them.
            found |= self._map.touching(mutant.path)
            if not found:
                takers = [path for path in sources() if _imports(path, mutant.path)]
                found = set().union(*(self._map.touching(path) for path in takers))
            found |= self._in_files(file for file in self._map.by_file if _is_of_wiring(file, mutant))
            found |= self._in_files(file for file in _test_files() if _imports(file, mutant.path))
            found |= self._in_files(
                file for file in self._map.by_file if file.startswith(mirror(mutant.path))
            )
            found |= self._in_files(file for file in _test_files() if _names(file, mutant))
        return self._ranked(mutant, found)

    def needs_a_fresh_database(self, mutant: Mutant) -> bool:
        """True if a mutant may change the content of the database before the first test."""
        if mutant.is_sql or mutant.path.startswith("templates/"):
            return False
        lines, inside = _statements(mutant.path).get(
            mutant.line, (range(mutant.line, mutant.line + 1), False)
        )
        return self._map.makes_the_database(
            mutant.path, lines if inside else range(1, len(_statements(mutant.path)))
        )

    def rounds(self, tests: list[str]) -> list[list[str]]:
        """Return the tests of each round; whole files stay together."""
        rounds: list[list[str]] = []
        taken: set[str] = set()
        for bound in ROUNDS:
            chosen: list[str] = []
            files: set[str] = set()
            seconds = 0.0
            for test in tests:
                file = test.partition("::")[0]
                if test in taken or (file not in files and len(files) == bound.files):
                    continue
                cost = self._map.seconds.get(test, UNKNOWN)
                if len(chosen) == bound.tests:
                    break
                if chosen and seconds + cost > bound.seconds:
                    continue
                chosen.append(test)
                files.add(file)
                seconds += cost
            taken.update(chosen)
            if chosen:
                rounds.append(chosen)
        return rounds

    def seconds(self, tests: list[str]) -> float:
        """Return the duration of some tests when the map was recorded."""
        return sum(self._map.seconds.get(test, UNKNOWN) for test in tests)

    def _in_files(self, files: Iterable[str]) -> set[str]:
        return {test for file in files for test in self._map.by_file.get(file, [])}

    def _of_sql(self, mutant: Mutant) -> set[str]:
        """Return the tests whose files name the rule, raw SQL attempts, and the tests of the app of its table."""
        files = {file for file in _test_files() if any(word in _text(file) for word in mutant.words)}
        files |= {file for file in _test_files() if _RAW_SQL.search(file)}
        files |= {file for file in _test_files() if file.startswith(mirror(mutant.path))}
        return self._in_files(files) | {test for test in self._map.seconds if _is_of(test, mutant)}

    def _ranked(self, mutant: Mutant, found: set[str]) -> list[str]:
        """Order tests by the nearness of their file; then one of each file in turn, the quickest first."""
        by_file: dict[str, list[str]] = defaultdict(list)
        for test in found:
            by_file[test.partition("::")[0]].append(test)
        ordered: list[tuple[tuple[int, int, float], str]] = []
        for file, tests in by_file.items():
            near = self._nearness(mutant, file)
            tests.sort(key=lambda test: (self._map.seconds[test], test))
            # All tests of a near file come before far files; of the other files, a few of each in turn.
            for place, test in enumerate(tests):
                named = _is_of(test, mutant)
                turn = 0 if named or near < FAR else place // 3
                ordered.append(((0 if named else near, turn, self._map.seconds[test]), test))
        news = [file for file in self._new if self._nearness(mutant, file) < FAR]
        return [test for _, test in sorted(ordered)] + (sorted(news) if found or mutant.is_sql else news)

    def _nearness(self, mutant: Mutant, file: str) -> int:
        if mutant.is_sql:
            named = [place for place, word in enumerate(mutant.words) if word in _text(file)]
            if named and named[0] < len(mutant.words) - 1:
                return named[0]
            return 3 if _RAW_SQL.search(file) or (named and file.startswith(mirror(mutant.path))) else FAR
        if mutant.path.startswith("templates/") and _reads_templates(file):
            return 3
        at_home = file.startswith(mirror(mutant.path))
        if (
            _names(file, mutant)
            or _is_of_wiring(file, mutant)
            or _imports(file, mutant.path)
            or (at_home and stem_words(Path(mutant.path).name) & stem_words(Path(file).name))
        ):
            return 0 if at_home else 1
        return 2 if at_home else FAR


FAR = 9
UNKNOWN = 30.0
"""Seconds that a test file may take that is not in the map."""


@cache
def _test_files() -> list[str]:
    found = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py"))
    return [path for path in found if not path.startswith(LEFT_OUT)]


@cache
def _text(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8") if (ROOT / file).exists() else ""


@cache
def _statements(path: str) -> dict[int, tuple[range, bool]]:
    return statements(_text(path))


def _names(file: str, mutant: Mutant) -> bool:
    """True if a file names a code, such as DOSSIER_MAIL, of the changed code."""
    return any(code in _text(file) for code in _CODE.findall(mutant.before))


def _is_of_wiring(file: str, mutant: Mutant) -> bool:
    """True if a file tests what the wiring registers, and the wiring registers something of the changed module."""
    return file.startswith(mirror(WIRING)) and _imports(WIRING, mutant.path)


def _reads_templates(file: str) -> bool:
    return file.startswith("tests/house/") and "templates" in _text(file)


@cache
def _templates() -> frozenset[str]:
    folder = ROOT / "templates"
    return frozenset(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _is_of(test: str, mutant: Mutant) -> bool:
    """True if the changed database rule or template is a parameter of the test."""
    parameter = test.partition("[")[2]
    return any(name in parameter for name in mutant.words[:1]) or _template_of(test) == mutant.path


def _template_of(test: str) -> str | None:
    """Return the template that is a parameter of a test."""
    name = test.rpartition("[")[2].removesuffix("]")
    return f"templates/{name}" if name in _templates() else None


@cache
def _imports(file: str, path: str) -> bool:
    """True if a file imports a module by name."""
    package, _dot, name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".").rpartition(".")
    if not path.endswith(".py"):
        return False
    dotted, escaped = f"{package}.{name}", re.escape(package)
    whole = re.escape(dotted)
    imported = rf"^ *(?:from {whole} import|from {escaped} import .*\b{name}\b|import {whole}\b)"
    return re.search(imported, _text(file), re.MULTILINE) is not None
