"""All mutants of the product, a sample of them, and those of the lines that a change touches."""

import ast
import random
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from tests.mutants import python_changes, sql_changes, template_changes
from tests.mutants.changes import Mutant
from tests.mutants.coverage_map import sources

ROOT = Path(__file__).parents[2]
# Not part of production: servers for development, and settings of the tests.
LEFT_OUT = ("intake/devtools/embedded/", "intake/settings/test.py")
RULES = (
    *("offers/sql/*.sql", "intake/*/sql/*.sql"),
    *("offers/migrations/[0-9]*.py", "intake/*/migrations/[0-9]*.py"),
)
"""Files that write rules of the database. Of several that name a rule, the last one writes it."""


def of_files(paths: Iterable[str] | None = None) -> list[Mutant]:
    """Return the mutants of the product's modules and templates, or of `paths`."""
    texts = {
        path: (ROOT / path).read_text(encoding="utf-8") for path in sources() if not path.startswith(LEFT_OUT)
    }
    enums = python_changes.enumerations([text for path, text in texts.items() if path.endswith(".py")])
    found: list[Mutant] = []
    for path in texts if paths is None else sorted(set(paths) & texts.keys()):
        if path.endswith(".py"):
            scope = python_changes.Scope(enums, models="/models" in path)
            found += python_changes.mutants_of(path, texts[path], scope)
        elif path.endswith((".html", ".txt")):
            found += template_changes.mutants_of(path, texts[path])
    return found


def of_the_database(connection: sql_changes.Connection, role: str) -> list[Mutant]:
    """Return the mutants of the rules of a migrated database."""
    files = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for pattern in RULES
        for path in sorted(ROOT.glob(pattern))
    }
    return list(sql_changes.mutants_of(sql_changes.rules(connection, role), files, role))


def package(mutant: Mutant) -> str:
    """Return the package under which a mutant is counted."""
    parts = Path(mutant.path).parts
    if mutant.is_sql:
        return "database"
    if parts[0] == "templates" or (parts[0] == "intake" and len(parts) > 2):
        return "/".join(parts[:2])
    return parts[0]


def drawn(
    mutants: Sequence[Mutant], sample: int, seed: int, possible: Callable[[Mutant], bool]
) -> list[Mutant]:
    """Draw `sample` mutants uniformly; the same ones for the same seed and tree."""
    order = sorted(mutants, key=lambda mutant: mutant.name)
    random.Random(seed).shuffle(order)  # noqa: S311 -- a sample, not a secret
    found: list[Mutant] = []
    for mutant in order:
        if len(found) == sample:
            break
        if possible(mutant):
            found.append(mutant)
    return found


def is_written_well(mutant: Mutant) -> bool:
    """True if a changed file can be parsed; otherwise its result is no evidence about the tests."""
    if mutant.is_sql or not mutant.path.endswith(".py"):
        return True
    try:
        ast.parse(mutant.applied((ROOT / mutant.path).read_text(encoding="utf-8")))
    except SyntaxError:
        return False
    return True


def base_of_the_change() -> tuple[str, str]:
    """Return the commit that the working tree is compared with, and its description."""
    branch, head = _git("rev-parse", "--abbrev-ref", "HEAD"), _git("rev-parse", "HEAD")
    if branch != "main" and _git("branch", "--list", "main"):
        base = _git("merge-base", "main", "HEAD")
        if base != head or _git("status", "--porcelain", "--untracked-files=no"):
            return base, f"where {branch} left main"
    if _git("status", "--porcelain", "--untracked-files=no"):
        return head, "the last commit"
    return f"{head}^", "the commit before the last"


def changed_lines(base: str) -> dict[str, set[int]]:
    """Return the lines of each file of the working tree that differ from a commit."""
    found: dict[str, set[int]] = {}
    path = ""
    for line in _git("diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-renames", base).splitlines():
        if line.startswith("+++ "):
            path = line.removeprefix("+++ ").removeprefix("b/")
        elif (hunk := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line)) is not None:
            start, count = int(hunk[1]), int(hunk[2] or 1)
            found.setdefault(path, set()).update(range(start, start + count))
    for path in _git("ls-files", "--others", "--exclude-standard").splitlines():
        found[path] = set(range(1, len((ROOT / path).read_bytes().splitlines()) + 1))
    return found


def touched(mutants: Iterable[Mutant], lines: dict[str, set[int]]) -> Iterator[Mutant]:
    """Yield the mutants that change one of some lines."""
    for mutant in mutants:
        count = 1 if mutant.is_sql else mutant.before.count("\n") + 1
        if not lines.get(mutant.path, set()).isdisjoint(range(mutant.line, mutant.line + count)):
            yield mutant


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
