"""Active content of the corpus: the cleaner reports all of it and leaves none, not even in a packed stream."""

from pathlib import Path

import pytest

from intake.documents import reasons
from intake.documents.child.pdf import clean
from tests.documents.corpus import active
from tests.documents.corpus.case import Case
from tests.documents.corpus.reader import unpacked
from tests.factories.documents import active_parts

CASES = {case.name: case for case in active.CASES if case.family == active.FAMILY}
ELSEWHERE = {"ANIMATION", "EXTRA_BYTES", "RESTRICTIONS"}
"""Codes that only pictures, bytes around the PDF, or encryption cause."""


IN_A_KEPT_PART = ", in the resources"


def check_cleaned(case: Case, tmp_path: Path) -> None:
    """Clean a file; check that its active parts are reported, and that none is left in any unpacked stream."""
    received, made = tmp_path / "received", tmp_path / "made"
    received.write_bytes(case.build())
    _pages, removed = clean(received, made, max_pages=3)
    assert case.removed <= removed
    left = unpacked(made.read_bytes())
    assert active_parts(left) == []
    assert active.MARK not in left
    assert b"/Annot" not in left


@pytest.mark.parametrize("action", [f"/{name}" for name in active.ACTIONS])
def test_an_action_inside_a_kept_part_is_reported_and_emptied(action: str, tmp_path: Path) -> None:
    check_cleaned(CASES[action[1:] + IN_A_KEPT_PART], tmp_path)


@pytest.mark.parametrize("name", [name for name in CASES if not name.endswith(IN_A_KEPT_PART)])
def test_an_accepted_hostile_file_has_no_active_part_left(name: str, tmp_path: Path) -> None:
    check_cleaned(CASES[name], tmp_path)


def test_each_labelled_kind_of_active_content_has_a_file() -> None:
    tried = {code for case in CASES.values() for code in case.removed} | ELSEWHERE
    assert tried == reasons._REMOVED_LABELS.keys() | reasons._SILENT
