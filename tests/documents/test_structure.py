"""A PDF's tables, object streams and drawings are measured and followed before a library opens the file."""

import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from intake.documents.child import structure
from intake.documents.child.pdf import clean
from intake.documents.child.refusal import Refused
from intake.documents.child.structure import RawPdf, has_loop, refuse_unsafe_structure
from intake.documents.child.unpacking import unpack
from tests.documents.corpus import bombs, structures
from tests.documents.corpus.honest_pdf import CASES
from tests.documents.corpus.raw import CATALOGUE, objects, packed_pdf, page, raw_pdf, stream


def code_of(content: bytes) -> str | None:
    try:
        refuse_unsafe_structure(RawPdf(content))
    except Refused as refused:
        return str(refused)
    return None


@pytest.mark.parametrize("name", [name for name in structures._LOOPS if "page" not in name])
def test_a_table_or_container_that_leads_back_to_itself_is_refused(name: str) -> None:
    assert code_of(structures._LOOPS[name]()) == "SELF_REFERENCE"


@pytest.mark.parametrize(
    "name", [*(name for name in structures._LOOPS if "page" in name), *structures._DRAWN]
)
def test_a_list_of_pages_or_a_drawing_that_leads_back_to_itself_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "received").write_bytes((structures._LOOPS | structures._DRAWN)[name]())
    with pytest.raises(Refused, match="SELF_REFERENCE"):
        clean(tmp_path / "received", tmp_path / "clean.pdf", max_pages=9)


def test_a_table_inside_the_container_that_it_lists_is_refused() -> None:
    assert code_of(structures._table_stored_in_itself()) == "SELF_REFERENCE"


@pytest.mark.parametrize(
    "build", [bombs._packed_table, bombs._packed_objects, bombs._filter_elsewhere, bombs._filter_twice]
)
def test_a_structure_that_unpacks_to_too_much_is_refused_unopened(build: Callable[[], bytes]) -> None:
    assert code_of(build()) == "TOO_COMPLEX"


def test_the_unpacked_bytes_of_a_structure_are_limited_in_total(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = packed_pdf({1: CATALOGUE, 4: objects()[4]}, packed={2: objects()[2], 3: page()})
    size = sum(unpack(one.data, ["/FlateDecode"], 1 << 20)[1] for one in RawPdf(honest).structural)
    monkeypatch.setattr(structure, "MAX_STRUCTURE_BYTES", size)
    assert code_of(honest) is None
    monkeypatch.setattr(structure, "MAX_STRUCTURE_BYTES", size - 1)
    assert code_of(honest) == "TOO_COMPLEX"


def test_an_honest_structure_is_not_refused() -> None:
    light = [case for case in CASES if "older list" not in case.name and not case.name.startswith("scan")]
    assert len(light) > 40
    assert [case.name for case in light if code_of(case.build()) is not None] == []


@pytest.mark.parametrize(
    "leads, found",
    [
        ({}, False),
        ({1: {2}, 2: {3}}, False),
        ({1: {2, 3}, 2: {3}, 3: set()}, False),
        ({1: {1}}, True),
        ({1: {2}, 2: {3}, 3: {1}}, True),
        ({1: set(), 5: {6}, 6: {5}}, True),
        ({number: {number + 1} for number in range(5000)}, False),
    ],
)
def test_a_loop_of_numbers_is_found(leads: dict[int, set[int]], *, found: bool) -> None:
    assert has_loop(leads) is found


def test_bytes_outside_of_objects_are_known_even_after_a_wrong_length() -> None:
    content = raw_pdf(objects({4: stream(b"1 0 obj endobj x").replace(b"/Length 16", b"/Length 99")}))
    raw = RawPdf(content + b"outside")
    assert raw.is_outside(len(content))
    assert not raw.is_outside(content.index(b"endobj x"))
    assert not raw.is_outside(content.index(b"/Catalog"))


def test_a_predicted_table_is_read_row_by_row() -> None:
    """Most producers store the difference from the row above."""
    width, rows = 4, [bytes([2, 0, 9, 0]), bytes([2, 0, 9, 1]), bytes([1, 0, 50, 0])]
    packed, above = b"", bytes(width)
    for row in rows:
        packed += b"\2" + bytes((one - other) & 255 for one, other in zip(row, above, strict=True))
        above = row
    kept = structure.RawStream(
        5, b"/Type/XRef/W[1 2 1]/DecodeParms<</Predictor 12/Columns 4>>", zlib.compress(packed)
    )
    assert [*structure._rows(kept, packed, width)] == rows
