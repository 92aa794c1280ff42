"""Names of tests: at least three words, none of those that the glossary avoids, and one test per name."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
MIN_WORDS = 3
MAX_LENGTH = 80


def _avoided() -> set[str]:
    """Return the first column of the glossary's words to avoid: « hand, in hand » is two entries."""
    table = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").partition("\n## Words to avoid")[2]
    cells = re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)[1:]
    plain = re.sub(r"\([^)]*\)|’|'", "", ", ".join(cells))
    return {"_".join(entry.split()) for entry in plain.split(",")}


_AVOIDED = re.compile(rf"_({'|'.join(sorted(_avoided()))})(s|d|ed|ing)?_")


def _faults(name: str) -> list[str]:
    """Return what is wrong with the name of a test."""
    words = name.split("_")[1:]
    found = [f"« {match[1]} » is a word to avoid" for match in _AVOIDED.finditer(f"_{'_'.join(words)}_")]
    if len(words) < MIN_WORDS:
        found.append(f"fewer than {MIN_WORDS} words")
    if len(name) > MAX_LENGTH:
        found.append(f"more than {MAX_LENGTH} characters")
    return found


def _tests_in(body: list[ast.stmt]) -> Iterator[list[str]]:
    """Yield the names of the tests of each scope: the module, then its classes."""
    yield [node.name for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _tests_in(node.body)


@cache
def _scopes() -> list[tuple[str, list[str]]]:
    return [
        (str(path.relative_to(ROOT)), names)
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for names in _tests_in(ast.parse(path.read_text(encoding="utf-8")).body)
    ]


def test_each_name_of_a_test_is_a_plain_sentence() -> None:
    faults = {f"{path}::{name}": _faults(name) for path, names in _scopes() for name in names}
    assert len(faults) > MIN_WORDS
    assert {name: found for name, found in faults.items() if found} == {}


def test_no_test_hides_another_of_the_same_name() -> None:
    counted = [(path, Counter(names)) for path, names in _scopes()]
    assert [(path, name) for path, counts in counted for name, count in counts.items() if count > 1] == []


def test_a_riddle_or_a_long_name_is_found() -> None:
    long = f"test_a_filing_{'is_sealed_and_' * 6}stored"
    for name in ("test_the_board", "test_nobody_is_notified_twice", "test_a_filing_is_judged_again", long):
        assert _faults(name), name
    assert _faults("test_the_reserve_list_keeps_its_order") == []
