"""`tests/slow.txt` names existing tests, and is the output of a run."""

import ast
from collections import defaultdict
from pathlib import Path

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
