"""Test order: the slowest files run first, and every listed file exists."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from tests.order import LONGEST_FILES, longest_first, rank


@pytest.mark.parametrize("start", LONGEST_FILES)
def test_each_listed_path_exists(start: str) -> None:
    assert Path(settings.BASE_DIR, start).exists()


def test_a_file_is_listed_before_its_folder() -> None:
    assert [rank(start) for start in LONGEST_FILES] == list(range(len(LONGEST_FILES)))


def test_the_longest_tests_run_first_and_a_file_keeps_its_order() -> None:
    names = ["tests/web/b.py::1", "tests/house/a.py::2", "tests/web/a.py::3", "tests/house/a.py::1"]
    names.append("tests/journeys/test_pages_axe.py::1")
    tests: list[Any] = [SimpleNamespace(nodeid=name) for name in names]
    assert [test.nodeid for test in longest_first(tests)] == [
        "tests/journeys/test_pages_axe.py::1",
        "tests/house/a.py::2",
        "tests/house/a.py::1",
        "tests/web/b.py::1",
        "tests/web/a.py::3",
    ]
