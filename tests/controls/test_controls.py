"""Each control of the table is in the code, has tests that exist, and the raw line of a run that killed it."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.controls.control import Control, removed
from tests.controls.page import KILLED, PAGE, lines_of, rewritten
from tests.controls.table import CONTROLS

ROOT = Path(__file__).parents[2]


@cache
def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_the_text_of_a_control_is_in_its_file_once(control: Control) -> None:
    without = control.removed_from(_text(control.path))
    assert without != _text(control.path)
    if control.path.endswith(".py"):
        ast.parse(without)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_the_tests_of_a_control_exist(control: Control) -> None:
    assert control.tests
    for test in control.tests:
        path, _colons, name = test.partition("::")
        assert re.search(rf"^def {name}\(" if name else "^def test_", _text(path), re.MULTILINE), test


def test_no_two_controls_have_the_same_name() -> None:
    assert [name for name, times in Counter(one.name for one in CONTROLS).items() if times > 1] == []
    assert len(CONTROLS) > 100


def test_the_page_lists_each_control_with_the_line_that_killed_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    lines = lines_of(page)
    assert rewritten(page, lines) == page, "run scripts/controls --only, then --record"
    assert {one.name: lines.get(one.name, "")[: len(KILLED)] for one in CONTROLS} == {
        one.name: KILLED for one in CONTROLS
    }


def test_a_control_is_back_in_its_file_after_the_run(tmp_path: Path) -> None:
    file = tmp_path / "limits.py"
    file.write_text("check()\nserve()\n")
    with removed(Control("Something holds", "limits.py", "check()\n", "", ("tests",)), tmp_path):
        assert file.read_text() == "serve()\n"
    assert file.read_text() == "check()\nserve()\n"


@pytest.mark.parametrize("found", ["", "check()\ncheck()\n"])
def test_a_control_that_left_its_file_is_reported(found: str) -> None:
    with pytest.raises(ValueError, match="has the text of « Something holds »"):
        Control("Something holds", "limits.py", "check()\n", "", ("tests",)).removed_from(found)
