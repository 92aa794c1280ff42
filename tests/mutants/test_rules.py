"""The exhaustive run of the rules of eligibility: its changes, and that it detects their effects."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants import rules
from tests.mutants.python_changes import mutants_of

ROOT = Path(__file__).parents[2]


def changes(source: str) -> list[str]:
    """Return the text of each mutant."""
    return [one.applied(source) for one in mutants_of("module.py", source, rules._SCOPE)]


@pytest.mark.parametrize(
    "source,expected",
    [
        ("x = a < b", ["x = (a <= b)", "x = (a >= b)"]),
        ("x = a <= b <= c", ["x = (a < b <= c)", "x = (a > b <= c)", "x = (a <= b < c)", "x = (a <= b > c)"]),
        ("x = a is None", ["x = (a is not None)"]),
        ("x = a + b", ["x = (a - b)"]),
        ("x = not a", ["x = a"]),
        ("x = a and b", ["x = (a or b)", "x = a", "x = b"]),
        ("x = a if b else c", ["x = (a if True else c)", "x = (a if False else c)"]),
        ("x = 12", ["x = 13", "x = 11"]),
        ("x = True", ["x = False"]),
        ("x = 'le'", ["x = 'le~'"]),
        ("x = f'le {a}'", ["x = f'le ~{a}'"]),
        ("x = Outcome.MET", ["x = Outcome.NOT_MET", "x = Outcome.UNKNOWN", "x = Outcome.HUMAN"]),
        ("x = words.fr", ["x = words.en"]),
        ("x = (a, b)", ["x = (b,)", "x = (a,)"]),
        ("x = f(a=b, c=d)", ["x = f(c=d)", "x = f(a=b)"]),
        ("def f():\n    return a", ["def f():\n    return None"]),
        ("def f():\n    g()", ["def f():\n    pass"]),
        ("def f():\n    raise g", ["def f():\n    pass"]),
        ("if a:\n    b = c", ["if True:\n    b = c", "if False:\n    b = c"]),
    ],
)
def test_each_mutant_has_one_change_in_one_place(source: str, expected: list[str]) -> None:
    assert changes(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring."""',
        "import a",
        "from a import b as c",
        "x: Literal['a'] | None",
        "@lru_cache(maxsize=256)\ndef f(a: 'b') -> 'c':\n    '''Do.'''\n    pass",
        "class A(B):\n    '''Hold.'''\n    c: D",
        "x = None",
    ],
)
def test_prose_annotations_and_decorators_are_not_changed(source: str) -> None:
    assert changes(source) == []


def test_identical_mutants_have_distinct_names() -> None:
    names = [one.name for one in mutants_of("module.py", "x = 1\ny = 1", rules._SCOPE)]
    assert names == [
        "module.py, module: 1 → 2",
        "module.py, module: 1 → 0",
        "module.py, module: 1 → 2 (2)",
        "module.py, module: 1 → 0 (2)",
    ]


@pytest.mark.full
def test_the_smallest_module_has_no_survivor(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.mutants.rules", "eligibility/criteria/other.py"),
            *("--out", str(tmp_path / "mutants.json")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split() == ["all", "9", "9", "0", "0"]


def test_an_unknown_module_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert rules.main(["eligibility/canonical.py"]) == 2
    assert "eligibility/canonical.py is not one of eligibility/ages.py" in capsys.readouterr().err
