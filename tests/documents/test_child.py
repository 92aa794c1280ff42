"""The isolated process on one file: its type, its pages or the refusal, its picture, the limits."""

import ctypes
import json
import os
import resource
from pathlib import Path
from typing import Any, NoReturn

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import Image

from intake.documents.child import __main__ as child
from intake.documents.child import legibility
from intake.documents.child import pdf as pdf_module
from intake.documents.child.inspect import HEAD_BYTES, draw_first_page, inspect
from intake.documents.child.limits import INSPECTION, Limits
from intake.documents.child.refusal import Reason, Refused
from tests.factories.files import HONEST, HOSTILE, new_pdf, pdf_bytes, picture_bytes, saved

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def no_limit_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of the tests has used more than a child may before it measures a page."""
    monkeypatch.setattr(legibility, "MAX_CPU_SECONDS", 1e9)


def refusal_of(
    content: bytes, tmp_path: Path, *, max_pages: int = 3
) -> tuple[str, dict[str, int | str]] | None:
    """Return the code and data of the refusal, or None if the file is accepted."""
    (tmp_path / "received").write_bytes(content)
    try:
        inspect(tmp_path / "received", tmp_path, max_pages)
    except Refused as refused:
        return str(refused), refused.facts
    return None


# -- Accepted and refused files ---


@pytest.mark.parametrize(
    "name, media_type, pages, neutralised, warnings",
    [
        ("jpeg-sideways", "image/jpeg", 1, ["METADATA"], []),
        ("png-animated", "image/png", 1, ["ANIMATION"], ["BLANK_PAGE:1"]),
        ("three-pages", "application/pdf", 3, [], []),
        ("filled-form", "application/pdf", 1, ["FORM", "FORM_ACTION", "JAVASCRIPT", "TRIGGERED_ACTION"], []),
    ],
)
def test_an_inspection_returns_type_pages_and_sorted_removed_content(
    name: str, media_type: str, pages: int, neutralised: list[str], warnings: list[str], tmp_path: Path
) -> None:
    (tmp_path / "received").write_bytes(HONEST[name][0]())
    assert inspect(tmp_path / "received", tmp_path, 3) == {
        "media_type": media_type,
        "pages": pages,
        "neutralised": neutralised,
        "warnings": warnings,
    }
    with pypdfium2.PdfDocument(tmp_path / "clean.pdf") as pdf:
        assert len(pdf) == pages


@pytest.mark.parametrize(
    "name", ["dynamic-form", "portfolio", "giant-picture", "filter-tower", "encrypted", "jpeg-header-alone"]
)
def test_a_hostile_file_is_refused_with_its_code_and_leaves_no_thumbnail(name: str, tmp_path: Path) -> None:
    build, code, _removed = HOSTILE[name]
    assert refusal_of(build(), tmp_path) == (code, {})
    assert not [*tmp_path.glob("*.jpg")]


def test_the_type_of_a_file_is_read_in_its_first_bytes(tmp_path: Path) -> None:
    late = b"PK\x03\x04" + b"\0" * (HEAD_BYTES - 9)
    assert refusal_of(late + b"word/", tmp_path) == ("NOT_ACCEPTED_TYPE", {"detected": "OFFICE"})
    assert refusal_of(late + b"\0word/", tmp_path) == ("NOT_ACCEPTED_TYPE", {"detected": "ZIP"})


@pytest.mark.parametrize(
    "size, unit, points",
    [
        ((7.2, 7200), 1, None),
        ((7.1, 100), 1, 7),
        ((100, 7200.6), 1, 7201),
        ((100, 7.1), 1, 7),
        ((720, 720), 10, None),
        ((721, 100), 10, 7210),
        ((100, 0.71), 10, 7),
        ((100, 1e12), 1, 1_000_000_000),
        ((-300, 300), 1, None),
    ],
)
def test_a_page_side_measures_a_tenth_of_an_inch_to_a_hundred(
    size: tuple[float, float], unit: int, points: int | None, tmp_path: Path
) -> None:
    pdf = new_pdf()
    pdf.pages[0].obj.MediaBox = Array([0, 0, *size])
    if unit != 1:
        pdf.pages[0].obj.UserUnit = unit
    expected = None if points is None else ("DIMENSIONS", {"points": points})
    assert _cleaning(pdf, tmp_path) == expected


def _cleaning(pdf: Pdf, tmp_path: Path) -> tuple[str, dict[str, int | str]] | None:
    (tmp_path / "received").write_bytes(saved(pdf))
    try:
        pdf_module.clean(tmp_path / "received", tmp_path / "clean.pdf", max_pages=3)
    except Refused as refused:
        return str(refused.code), refused.facts
    return None


def test_a_page_whose_sides_are_no_numbers_is_refused(tmp_path: Path) -> None:
    pdf = new_pdf()
    pdf.pages[0].obj.UserUnit = Name.Wide
    assert _cleaning(pdf, tmp_path) == ("DIMENSIONS", {})


@pytest.mark.parametrize(
    "error, code",
    [
        (pikepdf.PasswordError("invalid password"), "ENCRYPTED"),
        (pikepdf.PdfError("unsupported encryption filter"), "ENCRYPTED"),
        (pikepdf.PdfError("no trailer"), "DAMAGED"),
        *((error(), "DAMAGED") for error in (ValueError, KeyError, RuntimeError, RecursionError)),
    ],
    ids=repr,
)
def test_a_file_that_the_library_cannot_open_is_encrypted_or_damaged(
    error: Exception, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: Path) -> NoReturn:
        raise error

    (tmp_path / "received").write_bytes(b"%PDF-1.7")
    monkeypatch.setattr(pikepdf, "open", fail)
    with pytest.raises(Refused) as refused:
        pdf_module.clean(tmp_path / "received", tmp_path / "clean.pdf", max_pages=3)
    assert (refused.value.code, refused.value.facts) == (code, {})


@pytest.mark.parametrize(
    "before, after, is_extra",
    [
        (b"", b"", False),
        (b"", b"\0 \t\r\n", False),
        (b"", b"x", True),
        (b"\x1b%-12345X@PJL\n", b"", True),
        (b"", b"\n" * 1024, False),
        (b"", b"x" * 1024, True),
    ],
)
def test_bytes_around_a_pdf_are_reported_as_removed(
    before: bytes, after: bytes, *, is_extra: bool, tmp_path: Path
) -> None:
    (tmp_path / "received").write_bytes(before + pdf_bytes() + after)
    _pages, removed = pdf_module.clean(tmp_path / "received", tmp_path / "clean.pdf", max_pages=1)
    assert removed == ({"EXTRA_BYTES"} if is_extra else set())


def test_a_cleaned_page_keeps_only_the_keys_that_draw_it(tmp_path: Path) -> None:
    pdf = new_pdf()
    page = pdf.pages[0].obj
    boxes = ("CropBox", "BleedBox", "TrimBox", "ArtBox")
    for rank, box in enumerate(boxes):
        page[f"/{box}"] = Array([rank, 0, 600, 700])
    page.Rotate, page.UserUnit, page.Group = 90, 2, Dictionary(S=Name.Transparency)
    page.Metadata, page.Tabs, page.Thumb, page.Odd = String("x"), Name.S, String("x"), String("x")
    page.Contents.Comment = String("x")
    assert _cleaning(pdf, tmp_path) is None
    with pikepdf.open(tmp_path / "clean.pdf") as cleaned:
        left = cleaned.pages[0].obj
        assert set(left.keys()) == {
            *("/Type", "/Parent", "/MediaBox", "/Rotate", "/UserUnit", "/Group", "/Resources", "/Contents"),
            *(f"/{box}" for box in boxes),
        }
        assert [int(left[f"/{box}"][0]) for box in boxes] == [0, 1, 2, 3]
        assert (int(left.Rotate), int(left.UserUnit)) == (90, 2)
        assert set(left.Contents.keys()) == {"/Length", "/Filter"}
        assert set(cleaned.Root.keys()) == {"/Type", "/Pages"}
        assert cleaned.pdf_version >= "1.5"


def test_a_form_without_appearances_displays_its_values_after_cleaning(tmp_path: Path) -> None:
    """The fields have no appearance stream yet: NeedAppearances makes the reader draw them."""
    pdf = new_pdf()
    font = pdf.pages[0].obj.Resources.Font.F1
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("nom"),
            V=String("Tremblay"),
            DA=String("/F1 12 Tf 0 g"),
            Rect=Array([72, 600, 272, 640]),
            F=4,
            P=pdf.pages[0].obj,
        )
    )
    pdf.pages[0].obj.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(
        Fields=Array([field]), NeedAppearances=True, DR=Dictionary(Font=Dictionary(F1=font))
    )
    assert _cleaning(pdf, tmp_path) is None
    with pypdfium2.PdfDocument(tmp_path / "clean.pdf") as cleaned:
        assert "Tremblay" in cleaned[0].get_textpage().get_text_range()


# -- The picture of the first page ---


@pytest.mark.parametrize(
    "size, shown", [((612, 792), (371, 480)), ((792, 612), (480, 371)), ((40, 20), (480, 240))]
)
def test_the_picture_of_the_first_page_has_a_longest_side_of_480(
    size: tuple[int, int], shown: tuple[int, int], tmp_path: Path
) -> None:
    (tmp_path / "clean.pdf").write_bytes(pdf_bytes(2, size=size))
    draw_first_page(tmp_path / "clean.pdf", tmp_path / "picture", tmp_path / "small")
    with Image.open(tmp_path / "picture") as picture:
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", shown)


def test_a_page_that_cannot_be_drawn_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "clean.pdf").write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(Refused) as refused:
        draw_first_page(tmp_path / "clean.pdf", tmp_path / "picture", tmp_path / "small")
    assert refused.value.code == Reason.DAMAGED


# -- The process


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The calls to the kernel, in order; they have no effect on the test process."""
    calls: list[Any] = []

    class Kernel:
        def __init__(self, _name: None) -> None: ...

        def prctl(self, *arguments: int) -> None:
            calls.append(("prctl", *arguments))

    monkeypatch.setattr(ctypes, "CDLL", Kernel)
    monkeypatch.setattr(os, "_exit", lambda code: calls.append(("exit", code)))
    monkeypatch.setattr(resource, "setrlimit", lambda what, pair: calls.append((what, pair)))
    monkeypatch.setattr(child, "confine", lambda readable, room: calls.append(("confine", readable, room)))
    return calls


def test_only_the_limit_of_cpu_time_is_soft(asked: list[Any]) -> None:
    Limits(cpu_seconds=7, address_space_bytes=11, written_file_bytes=13, open_files=17).apply()
    assert asked == [
        (resource.RLIMIT_CPU, (7, 8)),
        (resource.RLIMIT_AS, (11, 11)),
        (resource.RLIMIT_FSIZE, (13, 13)),
        (resource.RLIMIT_NOFILE, (17, 17)),
        (resource.RLIMIT_CORE, (0, 0)),
    ]
    assert Limits(4, 480 * MIB, 64 * MIB, 64, threads=False) == INSPECTION


@pytest.mark.parametrize("error", [ValueError, OSError])
def test_a_limit_refused_by_the_machine_keeps_the_others(
    error: type[Exception], asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(what: int, pair: tuple[int, int]) -> None:
        if what == resource.RLIMIT_AS:
            raise error
        asked.append((what, pair))

    monkeypatch.setattr(resource, "setrlimit", refuse)
    Limits(1, 2, 3, 4).apply()
    assert [what for what, _pair in asked] == [
        resource.RLIMIT_CPU,
        resource.RLIMIT_FSIZE,
        resource.RLIMIT_NOFILE,
        resource.RLIMIT_CORE,
    ]


def result_of(content: bytes, tmp_path: Path, max_pages: int = 3) -> object:
    (tmp_path / "received").write_bytes(content)
    child.main(tmp_path / "received", tmp_path, max_pages)
    return json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))


def test_an_inspection_confines_itself_then_writes_its_result(asked: list[Any], tmp_path: Path) -> None:
    assert result_of(picture_bytes(size=(60, 80)), tmp_path) == {
        "media_type": "image/jpeg",
        "pages": 1,
        "neutralised": [],
        "warnings": ["LOW_RESOLUTION:1"],
    }
    assert [call[0] for call in asked] == [
        "prctl",
        resource.RLIMIT_CPU,
        resource.RLIMIT_AS,
        resource.RLIMIT_FSIZE,
        resource.RLIMIT_NOFILE,
        resource.RLIMIT_CORE,
        resource.RLIMIT_NPROC,
        "confine",
    ]
    assert asked[-2:] == [(resource.RLIMIT_NPROC, (0, 0)), ("confine", (tmp_path / "received",), tmp_path)]
    assert asked[1][1] == (INSPECTION.cpu_seconds, INSPECTION.cpu_seconds + 1)


@pytest.mark.usefixtures("asked")
def test_a_refusal_and_a_lack_of_memory_are_written_as_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert result_of(pdf_bytes(2), tmp_path, 1) == {"refused": "TOO_MANY_PAGES", "facts": {"pages": 2}}

    def lack_memory(*_arguments: object) -> NoReturn:
        raise MemoryError

    monkeypatch.setattr("intake.documents.child.inspect.inspect", lack_memory)
    assert result_of(pdf_bytes(), tmp_path) == {"refused": "TOO_COMPLEX", "facts": {}}
