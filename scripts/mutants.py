"""Change the rules of eligibility one small way at a time, and tell which changes no test sees.

`python scripts/mutants.py [MODULE …]`: all the modules below by default. Every mutant lives in a child process that
compiles the changed module in place of the file's own text; no file is written but build/mutants.json. Ends with a
table. Exits 0 when docs/mutants.md argues every survivor, 1 when a survivor is left, 2 when the tests fail by
themselves or a module is unknown.

Why not a library: mutmut 3 leaves out module-level code and decorated functions, which here are the tables of the
rules and the arithmetic of dates; Cosmic Ray brings 28 packages, a web server's and a database's among them, and
starts a fresh interpreter for each mutant.
"""

import argparse
import ast
import copy
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

ROOT = Path(__file__).parents[1]
ARGUED = ROOT / "docs" / "mutants.md"
REPORT = ROOT / "build" / "mutants.json"
MODULES = [
    "eligibility/ages.py",
    "eligibility/verdict.py",
    *(
        f"eligibility/criteria/{path.name}"
        for path in sorted((ROOT / "eligibility" / "criteria").glob("[!_]*.py"))
    ),
]
# Quick and decisive first; what starts another interpreter would read the file, not the mutant.
TESTS = [
    f"tests/eligibility/test_{name}.py"
    for name in ("ages", "cases", "reasons", "rulebook_codec", "canonical", "answers", "properties")
]
PATIENCE = 60  # seconds of processor time, whatever else runs; what takes longer than this loops
EXAMPLES = 40  # of each property, always the same ones
GOOD, SURVIVORS, BAD = 0, 1, 2

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
}
_ENUMS = {
    "Effect": ["BLOCK", "ADVISE"],
    "Outcome": ["MET", "NOT_MET", "UNKNOWN", "HUMAN"],
    "VerdictOutcome": ["ELIGIBLE", "NEEDS_REVIEW", "INCOMPLETE", "INELIGIBLE"],
    "ReferenceDay": ["STARTS_ON", "CLOSES_ON"],
    "StudyState": ["IN_PROGRESS", "COMPLETED"],
    "StudyLevel": ["BACHELOR", "GRADUATE_DIPLOMA", "MASTER", "DOCTORATE", "OTHER"],
}
_LANGUAGES = {"fr": "en", "en": "fr"}
_SHOWN = 100  # characters of a changed piece of code


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: in which module and function, what stood there, what stands there now."""

    module: str
    function: str
    line: int
    before: str
    after: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """What it is called in docs/mutants.md, whatever lines come before it."""
        return f"{self.module}, {self.function}: {self.before} → {self.after}"


def mutants_of(module: str, source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module's text; those that are written the same are told apart by a number."""
    tree = ast.parse(source)
    seen: Counter[str] = Counter()
    for function, path, node in _places(tree):
        for changed in _changes(node):
            mutated = copy.deepcopy(tree)
            _put(mutated, path, changed)
            before, after = _short(node), "nothing" if isinstance(changed, ast.Pass) else _short(changed)
            where = f"{function}: {before} → {after}"
            seen[where] += 1
            number = f" ({seen[where]})" if seen[where] > 1 else ""
            yield Mutant(
                module, function, node.lineno, before, after + number, ast.fix_missing_locations(mutated)
            )


type _Path = tuple[tuple[str, int | None], ...]
type _Changeable = ast.expr | ast.stmt


def _places(
    node: ast.AST, path: _Path = (), function: str = "module"
) -> Iterator[tuple[str, _Path, _Changeable]]:
    """Yield what may be changed: no annotation, no decorator, no import, no docstring, no type alias."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        function = node.name if function == "module" else f"{function}.{node.name}"
    if isinstance(node, (ast.expr, ast.stmt)):
        yield function, path, node
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "names", "bases", "type_params"}:
            continue
        if isinstance(value, ast.AST):
            yield from _places(value, (*path, (name, None)), function)
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                if isinstance(inner, ast.AST) and not _is_prose(inner):
                    yield from _places(inner, (*path, (name, index)), function)


def _is_prose(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _put(tree: ast.AST, path: _Path, changed: ast.AST) -> None:
    *way, (name, index) = path
    holder: ast.AST = tree
    for step, at in way:
        value = getattr(holder, step)
        holder = value if at is None else value[at]
    if index is None:
        setattr(holder, name, changed)
    else:
        getattr(holder, name)[index] = changed


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _changes(node: _Changeable) -> Iterator[ast.AST]:  # noqa: C901, PLR0912 -- one case for each kind of change
    """Yield what a piece of code may become."""
    match node:
        case ast.Compare(ops=[operator]):
            for other in _COMPARED[type(operator)]:
                yield ast.Compare(node.left, [other()], node.comparators)
        case ast.Compare(ops=[first, second]):
            for other in _COMPARED[type(first)]:
                yield ast.Compare(node.left, [other(), second], node.comparators)
            for other in _COMPARED[type(second)]:
                yield ast.Compare(node.left, [first, other()], node.comparators)
        case ast.BinOp(op=operator) if type(operator) in _COMPUTED:
            yield ast.BinOp(node.left, _COMPUTED[type(operator)](), node.right)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.BoolOp(op=operator, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
            yield from values
        case ast.If() | ast.IfExp():
            for forced in (True, False):
                changed = copy.copy(node)
                changed.test = ast.Constant(forced)
                yield changed
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Constant(value=str() as value):
            yield ast.Constant(f"{value}#")
        case ast.Attribute(value=ast.Name(id=owner), attr=member) if member in _ENUMS.get(owner, ()):
            members = _ENUMS[owner]
            for other_member in members[: members.index(member)] + members[members.index(member) + 1 :]:
                yield ast.Attribute(node.value, other_member, node.ctx)
        case ast.Attribute(attr=language) if language in _LANGUAGES:
            yield ast.Attribute(node.value, _LANGUAGES[language], node.ctx)
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Expr() | ast.AugAssign() | ast.Raise():
            yield ast.Pass()
        case ast.Dict(keys=keys, values=values):
            for index in range(len(keys)):
                yield ast.Dict(keys[:index] + keys[index + 1 :], values[:index] + values[index + 1 :])
        case ast.Tuple(elts=members) | ast.List(elts=members) | ast.Set(elts=members) if len(members) > 1:
            if not isinstance(getattr(node, "ctx", None), ast.Store):
                for index in range(len(members)):
                    changed_list = copy.copy(node)
                    changed_list.elts = members[:index] + members[index + 1 :]
                    yield changed_list
        case ast.Call(keywords=keywords) if len(keywords) > 1:
            for index in range(len(keywords)):
                yield ast.Call(node.func, node.args, keywords[:index] + keywords[index + 1 :])


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Load one module from a changed tree."""

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
        exec(self._code, vars(module))  # noqa: S102 -- the mutant, in a process of its own


def _run(trees: dict[str, ast.Module]) -> bool:
    """Tell whether the tests pass, in a child process, with these modules in place of the files' own texts."""
    child = os.fork()
    if child == 0:
        try:
            _test(trees)
        finally:
            os._exit(3)
    _, status = os.waitpid(child, 0)
    return status == 0


def _test(trees: dict[str, ast.Module]) -> None:
    import pytest  # noqa: PLC0415 -- the parent has loaded it; named here where it is used

    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
    for module, tree in trees.items():
        sys.meta_path.insert(0, _Mutated(module, compile(tree, str(ROOT / module), "exec")))
    _test_tables()
    sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 -- until the process ends
    os._exit(
        pytest.main(
            # Nothing of the portal: no Django, no server, and the project's own settings would ask for both.
            [
                *("-x", "-q", "-c", os.devnull, f"--rootdir={ROOT}", "--confcutdir=tests/eligibility"),
                *("-p", "no:django", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:cov"),
                *TESTS,
            ]
        )
    )


def _test_tables() -> None:
    """Try the tables without pytest first: they see nearly every mutant, in a tenth of the time."""
    try:
        cases = importlib.import_module("tests.eligibility.test_cases")
        for case in cases.CRITERION_CASES:
            cases.test_a_criterion_finds_what_its_table_says(case[1])
        for case in cases.VERDICT_CASES:
            cases.test_findings_add_up_to_the_verdict_of_the_table(case)
    except Exception:  # noqa: BLE001 -- whatever a mutant breaks, it is seen
        os._exit(1)


def _load() -> None:
    """Load what every child needs and no mutant touches."""
    for name in ("pytest", "yaml", "hypothesis", "hypothesis.strategies", "_pytest.assertion.rewrite"):
        importlib.import_module(name)
    hypothesis = importlib.import_module("hypothesis")
    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, max_examples=EXAMPLES)
    hypothesis.settings.load_profile("mutants")
    # The tables know nothing of the rules, and take longer to read than to check.
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
    # Unchanged, but loaded the way a mutant is: what kills a mutant must be its change.
    if not _run({module: ast.parse(source) for module, source in sources.items()}):
        _say("mutants: the tests do not pass by themselves\n")
        return BAD
    _say(f"The tests pass by themselves in {time.monotonic() - start:.0f} s.\n")
    argued = ARGUED.read_text(encoding="utf-8") if ARGUED.exists() else ""
    rows: list[tuple[str, int, list[Mutant]]] = []
    for module, source in sources.items():
        mutants = list(mutants_of(module, source))
        survivors: list[Mutant] = []
        for number, mutant in enumerate(mutants, start=1):
            _say(f"\r{module} {number}/{len(mutants)}, {len(survivors)} survived  ")
            if _run({module: mutant.tree}):
                survivors.append(mutant)
        _say("\n")
        rows.append((module, len(mutants), survivors))
        _write(asked.out, rows, argued)
    print(_table(rows, argued), end="")
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
