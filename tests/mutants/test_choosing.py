"""Selection of tests for a mutant: those that execute its line according to the map, wherever that line is now."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from coverage.numbits import nums_to_numbits

from tests.mutants import coverage_map, selection
from tests.mutants.changes import Mutant
from tests.mutants.coverage_map import Map
from tests.mutants.selection import MutantTestSelector, Round

MODULE = "intake/review/marks.py"
THEN = "A = 1\n\n\ndef f(a):\n    b = a\n    return b\n"
NEAR, SLOW, FAR, BROKEN = (
    "tests/review/test_marks.py::test_near",
    "tests/review/test_marks.py::test_slow",
    "tests/web/test_pages.py::test_far",
    "tests/web/test_pages.py::test_broken",
)


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Map]:
    """A map of one module and one template, in a repository of its own."""
    for path, text in {
        MODULE: THEN,
        "tests/review/test_marks.py": "from intake.review.marks import f\n",
        "tests/web/test_pages.py": "",
        "tests/submissions/test_deadline_sql.py": "'filing_is_never_late'",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    with closing(sqlite3.connect(tmp_path / "map")) as store, store:
        store.executescript(coverage_map._TABLES)
        store.execute("INSERT INTO meta VALUES ('commit', 'c0ffee')")
        rows = [(1, NEAR, 2.0, 0), (2, SLOW, 9.0, 0), (3, FAR, 1.0, 0), (4, BROKEN, 1.0, 1)]
        rows.append((5, "tests/submissions/test_deadline_sql.py::test_late", 1.0, 0))
        store.executemany("INSERT INTO tests VALUES (?, ?, ?, ?)", rows)
        hits = [(0, [1, 4]), (-1, [5]), (1, [5, 6]), (2, [5, 6]), (3, [5]), (4, [5, 6])]
        store.executemany(
            "INSERT INTO hits VALUES (?, ?, ?)",
            [(MODULE, test, nums_to_numbits(lines)) for test, lines in hits],
        )
        store.execute("INSERT INTO templates VALUES ('templates/review/marks.html', 3)")
        store.execute("INSERT INTO sources VALUES (?, ?)", (MODULE, THEN))
    for module in (selection, coverage_map):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    for cached in (
        selection._test_files,
        selection._text,
        selection._statements,
        selection._imports,
        selection._templates,
    ):
        cached.cache_clear()
    with closing(Map(tmp_path / "map")) as known:
        yield known


def mutant(line: int, path: str = MODULE, words: tuple[str, ...] = ()) -> Mutant:
    return Mutant(path, "f", line, "a", "b", words=words)


def test_tests_that_execute_a_line_run_nearest_and_quickest_first(known: Map) -> None:
    assert MutantTestSelector(known).tests(mutant(5))[:3] == [NEAR, SLOW, FAR]


def test_a_test_that_failed_without_a_change_is_not_selected(known: Map) -> None:
    assert BROKEN not in MutantTestSelector(known).tests(mutant(5))
    assert known.failed == [BROKEN]


def test_a_moved_line_is_tested_by_the_tests_of_its_old_place(known: Map, tmp_path: Path) -> None:
    (tmp_path / MODULE).write_text("C = 3\n" + THEN.replace("    return b", "    c = b\n    return c"))
    assert known.executing(MODULE, [6]) == {NEAR, SLOW, FAR}  # b = a, one line further down
    assert known.executing(MODULE, [7]) == {NEAR, SLOW}  # new, at the place of `return b`


def test_a_line_that_no_test_executes_selects_no_test(known: Map, tmp_path: Path) -> None:
    (tmp_path / MODULE).write_text(THEN + "\n\ndef g(a):\n    return a\n")
    with closing(sqlite3.connect(tmp_path / "map")) as store, store:
        store.execute("UPDATE sources SET text = ?", (THEN + "\n\ndef g(a):\n    return a\n",))
    assert MutantTestSelector(known).tests(mutant(10)) == []


def test_a_template_is_tested_by_the_tests_that_render_it(known: Map) -> None:
    assert MutantTestSelector(known).tests(mutant(1, "templates/review/marks.html"))[:1] == [FAR]
    assert MutantTestSelector(known).tests(mutant(1, "templates/review/never.html")) == []


def test_a_database_rule_is_tested_first_by_the_tests_that_name_it(known: Map) -> None:
    rule = mutant(
        3, "intake/review/migrations/0001_review.py", ("filing_is_never_late", "stamp", "review_mark")
    )
    assert MutantTestSelector(known).tests(rule)[0] == "tests/submissions/test_deadline_sql.py::test_late"


def test_a_line_that_runs_when_the_database_is_created_needs_a_fresh_one(known: Map) -> None:
    assert MutantTestSelector(known).needs_a_fresh_database(mutant(5))
    assert not MutantTestSelector(known).needs_a_fresh_database(mutant(6))


def test_the_first_round_takes_the_tests_that_fit_and_the_second_the_rest(
    known: Map, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "ROUNDS", (Round(3, 9, 9), Round(60, 9, 9)))
    assert MutantTestSelector(known).rounds([NEAR, SLOW, FAR]) == [[NEAR, FAR], [SLOW]]
