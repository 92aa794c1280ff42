"""Change the rules of eligibility, one small change at a time, and list those that no test detects.

`python -m tests.mutants.rules [MODULE …]` (`make mutants RULES=1`): by default all modules below and every change,
each string included. It takes four minutes, which is possible without a database. Every mutant runs in a child
process that compiles the changed module instead of the file's text; the only file written is
build/mutants.rules.json. Prints a table. Exits with 0 if docs/mutants.md argues every survivor, 1 if a survivor is
left, 2 if the tests fail without a change or a module is unknown.
"""

import argparse
import ast
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from types import CodeType

from tests.mutants.changes import Mutant
from tests.mutants.python_changes import Scope, mutants_of

ROOT = Path(__file__).parents[2]
ARGUED = ROOT / "docs" / "mutants.md"
REPORT = ROOT / "build" / "mutants.rules.json"
MODULES = [
    "eligibility/ages.py",
    "eligibility/verdict.py",
    *(
        f"eligibility/criteria/{path.name}"
        for path in sorted((ROOT / "eligibility" / "criteria").glob("[!_]*.py"))
    ),
]
# Quick and decisive tests first; not those that start another interpreter, which would read the file, not the mutant.
TESTS = [
    f"tests/eligibility/test_{name}.py"
    for name in ("ages", "cases", "reasons", "rulebook_codec", "canonical", "findings", "properties")
]
PATIENCE = 60  # seconds of processor time; a mutant that takes longer loops
EXAMPLES = 40  # per property, the same in every run
GOOD, SURVIVORS, BAD = 0, 1, 2

_ENUMS = {
    "Effect": ["BLOCK", "ADVISE"],
    "Outcome": ["MET", "NOT_MET", "UNKNOWN", "HUMAN"],
    "VerdictOutcome": ["ELIGIBLE", "NEEDS_REVIEW", "INCOMPLETE", "INELIGIBLE"],
    "ReferenceDay": ["STARTS_ON", "CLOSES_ON"],
    "StudyState": ["IN_PROGRESS", "COMPLETED"],
    "StudyLevel": ["BACHELOR", "GRADUATE_DIPLOMA", "MASTER", "DOCTORATE", "OTHER"],
}
_SCOPE = Scope(_ENUMS, whole=False)


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import hook that loads one module from a changed tree."""

    def __init__(self, module: str, code: CodeType) -> None:
        self._name = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self._package = module.endswith("/__init__.py")
        self._file = ROOT / module
        self._code = code

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        spec = importlib.machinery.ModuleSpec(name, self, origin=str(self._file), is_package=self._package)
        if self._package:
            spec.submodule_search_locations = [str(self._file.parent)]
        return spec

    def exec_module(self, module: object) -> None:
        exec(self._code, vars(module))  # noqa: S102 -- the mutant, in its own process


def _run(trees: dict[str, ast.Module]) -> bool:
    """True if the tests pass, in a child process, with these modules instead of the files' own texts."""
    child = os.fork()
    if child == 0:
        try:
            _test(trees)
        finally:
            os._exit(3)
    _, status = os.waitpid(child, 0)
    return status == 0


def _test(trees: dict[str, ast.Module]) -> None:
    import pytest  # noqa: PLC0415 -- already imported by the parent

    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
    for module, tree in trees.items():
        sys.meta_path.insert(0, _Mutated(module, compile(tree, str(ROOT / module), "exec")))
    _test_tables()
    sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 -- open until the process ends
    os._exit(
        pytest.main(
            # Without Django and servers, which the project's own settings would start.
            [
                *("-x", "-q", "-c", os.devnull, f"--rootdir={ROOT}", "--confcutdir=tests/eligibility"),
                *("-p", "no:django", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:cov"),
                *TESTS,
            ]
        )
    )


def _test_tables() -> None:
    """Run the tables without pytest first: they detect nearly every mutant, in a tenth of the time."""
    try:
        cases = importlib.import_module("tests.eligibility.test_cases")
        for case in cases.CRITERION_CASES:
            cases.test_a_criterion_gives_the_finding_of_its_table(case[1])
        for case in cases.VERDICT_CASES:
            cases.test_findings_give_the_verdict_of_the_table(case)
    except Exception:  # noqa: BLE001 -- any exception detects the mutant
        os._exit(1)


def _load() -> None:
    """Import what every child needs and no mutant changes."""
    for name in ("pytest", "yaml", "hypothesis", "hypothesis.strategies", "_pytest.assertion.rewrite"):
        importlib.import_module(name)
    hypothesis = importlib.import_module("hypothesis")
    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, max_examples=EXAMPLES)
    hypothesis.settings.load_profile("mutants")
    # The tables do not depend on the rules, and reading them takes longer than checking them.
    importlib.import_module("tests.eligibility.cases_reader").criterion_cases()


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="make mutants", description="Mutation testing of the rules.")
    parser.add_argument(
        "modules", nargs="*", metavar="MODULE", help="such as eligibility/ages.py; all by default"
    )
    parser.add_argument("--out", type=Path, default=REPORT, help="where the result goes, a JSON file")
    asked = parser.parse_args(arguments)
    modules = asked.modules or MODULES
    if unknown := [module for module in modules if module not in MODULES]:
        _say(f"mutants: {', '.join(unknown)} is not one of {', '.join(MODULES)}\n")
        return BAD
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    _load()
    start = time.monotonic()
    sources = {module: (ROOT / module).read_text(encoding="utf-8") for module in modules}
    # The unchanged text, loaded like a mutant: the tests must fail because of the change only.
    if not _run({module: ast.parse(source) for module, source in sources.items()}):
        _say("mutants: the tests do not pass by themselves\n")
        return BAD
    _say(f"The tests pass by themselves in {time.monotonic() - start:.0f} s.\n")
    argued = ARGUED.read_text(encoding="utf-8") if ARGUED.exists() else ""
    rows: list[tuple[str, int, list[Mutant]]] = []
    for module, source in sources.items():
        mutants = list(mutants_of(module, source, _SCOPE))
        survivors: list[Mutant] = []
        for number, mutant in enumerate(mutants, start=1):
            _say(f"\r{module} {number}/{len(mutants)}, {len(survivors)} survived  ")
            if _run({module: ast.parse(mutant.applied(source))}):
                survivors.append(mutant)
        _say("\n")
        rows.append((module, len(mutants), survivors))
        _write(asked.out, rows, argued)
    sys.stdout.write(_table(rows, argued))
    return (
        SURVIVORS
        if any(f"`{one.name}`" not in argued for _, _, survivors in rows for one in survivors)
        else GOOD
    )


def _write(out: Path, rows: list[tuple[str, int, list[Mutant]]], argued: str) -> None:
    out.parent.mkdir(exist_ok=True)
    report = {
        module: {
            "generated": generated,
            "killed": generated - len(survivors),
            "survived": [
                {"line": one.line, "name": one.name, "argued": f"`{one.name}`" in argued} for one in survivors
            ],
        }
        for module, generated, survivors in rows
    }
    out.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _table(rows: list[tuple[str, int, list[Mutant]]], argued: str) -> str:
    lines = [f"{'module':36}{'generated':>10}{'killed':>8}{'survived':>10}{'argued':>8}"]
    totals: Counter[str] = Counter()
    for module, generated, survivors in rows:
        counts = {
            "generated": generated,
            "killed": generated - len(survivors),
            "survived": len(survivors),
            "argued": sum(f"`{one.name}`" in argued for one in survivors),
        }
        totals.update(counts)
        lines.append(_row(module, counts))
    lines.append(_row("all", totals))
    lines += [
        f"not argued: line {one.line}, {one.name}"
        for _, _, survivors in rows
        for one in survivors
        if f"`{one.name}`" not in argued
    ]
    return "\n".join(lines) + "\n"


def _row(module: str, counts: dict[str, int]) -> str:
    return f"{module:36}{counts['generated']:>10}{counts['killed']:>8}{counts['survived']:>10}{counts['argued']:>8}"


if __name__ == "__main__":
    sys.exit(main())
