"""`tests/slow.txt` names existing tests, and is the output of a run."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest
from django.conf import settings

from tests import slow


def test_each_listed_name_is_an_existing_test() -> None:
    named = defaultdict(set)
    for name in slow.read_names():
        path, _colons, function = name.partition("::")
        named[path].add(function)
    for path, functions in named.items():
        tree = ast.parse(Path(settings.BASE_DIR, path).read_text())
        assert functions <= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, path


def test_a_test_slow_in_total_over_its_parameters_is_listed() -> None:
    most = slow.MAX_SECONDS
    spent = [("b.py::x[1]", most / 2), ("b.py::x[2]", most), ("a.py::y", most), ("a.py::z", most * 2)]
    assert slow.longest(spent) == ["a.py::z", "b.py::x"]


def test_the_list_is_rewritten_only_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = tmp_path / "slow.txt"
    monkeypatch.setattr(slow, "NAMES", names)
    reports = {
        "passed": [_report("a.py::x[1]"), _report("a.py::y", "browser"), _report("a.py::z", "servers")]
    }
    monkeypatch.delenv("SLOW", raising=False)
    slow.rewrite_if_asked(reports)
    assert not names.exists()
    monkeypatch.setenv("SLOW", "rewrite")
    slow.rewrite_if_asked(reports | {"": ["a line"]})
    assert names.read_text() == "a.py::x\n"


def _report(node: str, *marks: str) -> pytest.TestReport:
    return pytest.TestReport(
        node,
        ("a.py", 1, node),
        dict.fromkeys(marks, 1),
        "passed",
        None,
        "call",
        duration=9.0,
        start=0,
        stop=9,
    )
