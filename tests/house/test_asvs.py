"""docs/asvs.md answers each requirement of ASVS 5.0, levels 1 and 2, with tests that exist or a reason."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PAGE = ROOT / "docs" / "asvs.md"
MAX_WORDS = 12
_NUMBERS = """
V1.1=22 V1.2=111112222 V1.3=11222222222 V1.4=222 V1.5=12
V2.1=122 V2.2=112 V2.3=1222 V2.4=2
V3.2=11 V3.3=1222 V3.4=112222 V3.5=11122 V3.7=22
V4.1=122 V4.2=2 V4.3=22 V4.4=1222
V5.1=2 V5.2=112 V5.3=11 V5.4=222
V6.1=122 V6.2=111111112222 V6.3=1122 V6.4=1122 V6.5=22222 V6.6=222 V6.8=2222
V7.1=222 V7.2=1111 V7.3=22 V7.4=11222 V7.5=22 V7.6=22
V8.1=12 V8.2=112 V8.3=1 V8.4=2
V9.1=111 V9.2=1222
V10.1=22 V10.2=22 V10.3=2222 V10.4=11111222222 V10.5=22222 V10.6=22 V10.7=222
V11.1=22 V11.2=222 V11.3=112 V11.4=1222 V11.5=2 V11.6=2
V12.1=122 V12.2=11 V12.3=2222
V13.1=2 V13.2=22222 V13.3=22 V13.4=12222
V14.1=22 V14.2=1222 V14.3=122
V15.1=122 V15.2=122 V15.3=1222222
V16.1=2 V16.2=22222 V16.3=2222 V16.4=222 V16.5=222
V17.1=2 V17.2=2222 V17.3=22
"""
LEVELS = dict(re.findall(r"(V[\d.]+)=(\d+)", _NUMBERS))
"""Level of each requirement of a section, in order from 1, as the standard numbers them; level 3 is left out."""
PARTS = {"second factor", "account changes", "retention", "own pages", "security events"}
"""Parts of the portal that are being built, for which a row may wait."""
_ROW = re.compile(r"^\| (V[\d.]+) \| (\d) \| (.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


class Row(NamedTuple):
    """One requirement: id, level, our words, status, and evidence or reason."""

    number: str
    level: str
    words: str
    status: str
    evidence: str


@cache
def _rows() -> tuple[Row, ...]:
    return tuple(Row(*found) for found in _ROW.findall(PAGE.read_text(encoding="utf-8")))


@cache
def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).is_file() else ""


def _faults(row: Row) -> list[str]:
    """Return what is wrong with a row."""
    tests = _TEST.findall(row.evidence)
    faults = [
        f"{path}::{name} does not exist"
        for path, name in tests
        if not re.search(rf"^ *def {name}\(", _text(path), re.MULTILINE)
    ]
    if len(row.words.split()) > MAX_WORDS:
        faults.append("more than twelve words")
    match row.status:
        case "met":
            is_met = tests or re.search(r"\]\([\w/-]+\.md", row.evidence)
            faults += [] if is_met else ["met, and names neither a test nor a page"]
        case "not yet":
            parts = re.findall(r"^\(([a-z ]+)\)|not yet \(([a-z ]+)\)", row.evidence)
            is_known = parts and {one or other for one, other in parts} <= PARTS
            faults += [] if is_known else ["not yet, and names no part that is being built"]
        case "not met" | "not applicable":
            faults += [] if len(row.evidence) > len("none") else ["without a reason"]
        case _:
            faults.append(f"{row.status} is no status")
    return faults


def test_the_page_has_each_requirement_of_both_levels_once() -> None:
    expected = {
        f"{section}.{place}": level
        for section, levels in LEVELS.items()
        for place, level in enumerate(levels, start=1)
    }
    assert len(expected) == 253
    assert [number for number, times in Counter(row.number for row in _rows()).items() if times > 1] == []
    assert {row.number: row.level for row in _rows()} == expected


def test_each_row_has_a_test_that_exists_or_a_reason() -> None:
    assert {row.number: faults for row in _rows() if (faults := _faults(row))} == {}


@pytest.mark.parametrize(
    "status, evidence, faulty",
    [
        ("met", "`tests/house/test_asvs.py::test_each_row_has_a_test_that_exists_or_a_reason`", False),
        ("met", "[rules](rules.md#documents)", False),
        ("met", "as everyone knows", True),
        ("met", "`tests/house/test_asvs.py::test_of_no_such_name`", True),
        ("not applicable", "–", True),
        ("not yet", "(retention): with the schedule", False),
        ("not yet", "(some day)", True),
        ("partly", "a reason that is long enough", True),
    ],
)
def test_a_row_without_evidence_is_found(status: str, evidence: str, *, faulty: bool) -> None:
    assert bool(_faults(Row("V1.1.1", "1", "a rule", status, evidence))) is faulty
