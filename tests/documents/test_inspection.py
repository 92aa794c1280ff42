"""Hostile files are refused or neutralised, honest ones accepted, each within its limits."""

import io
import resource
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from intake.documents import inspection
from intake.documents.child.limits import INSPECTION
from intake.documents.inspection import Inspection, inspect_file
from tests.factories.documents import active_parts
from tests.factories.files import HONEST, HOSTILE, pdf_bytes

MIB = 1024 * 1024
# One file of each outcome in every run (cleaned, too large, locked, cut short, of another type), in its own process.
# `test_corpus.py` inspects one of each family in the tests' process, `test_streams.py` tests the number of objects,
# `test_child.py` the CPU time. All files in the exhaustive run.
REPRESENTATIVE_HOSTILE = {
    *("open-action-javascript", "form-that-sends", "zip-after-pdf", "giant-picture", "encrypted"),
    *("word-document", "pixel-bomb", "jpeg-cut-short"),
}
REPRESENTATIVE_HONEST = {"plain", "filled-form", "jpeg-sideways", "png-transparent", "photo-48-megapixels"}


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests check the CPU limit; on a busy machine the default wall clock limit would come first."""
    monkeypatch.setattr(inspection, "WALL_SECONDS", 300)


def inspect(content: bytes, directory: Path, *, name: str = "cv.pdf", max_pages: int = 3) -> Inspection:
    path, into = directory / "received", directory / "made"
    path.write_bytes(content)
    into.mkdir()
    return inspect_file(path, name=name, max_pages=max_pages, max_bytes=10 * MIB, into=into)


@pytest.fixture(scope="module")
def inspect_honest(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Inspection]:
    """Return the inspection of an honest file, cached for tests that only read it."""

    @cache
    def inspected(name: str) -> Inspection:
        build, sent_name, _pages = HONEST[name]
        return inspect(build(), tmp_path_factory.mktemp("honest"), name=sent_name)

    return inspected


def cases(names: list[str], representative: set[str]) -> list[object]:
    assert representative <= set(names)
    return [name if name in representative else pytest.param(name, marks=pytest.mark.full) for name in names]


@pytest.mark.parametrize("name", cases(list(HOSTILE), REPRESENTATIVE_HOSTILE))
def test_a_hostile_file_is_refused_or_neutralised_within_its_limits(name: str, tmp_path: Path) -> None:
    build, code, codes = HOSTILE[name]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    inspected = inspect(build(), tmp_path, name=f"{name}.pdf")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert inspected.reason_code == code
    assert codes <= set(inspected.neutralised)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime <= 5
    assert (inspected.clean_path is None) is (code is not None)
    if inspected.clean_path is not None:
        assert active_parts(inspected.clean_path.read_bytes()) == []


@pytest.mark.parametrize("name", cases(list(HONEST), REPRESENTATIVE_HONEST))
def test_an_honest_file_is_accepted(name: str, inspect_honest: Callable[[str], Inspection]) -> None:
    _build, _sent_name, pages = HONEST[name]
    inspected = inspect_honest(name)
    assert (inspected.reason_code, inspected.pages) == (None, pages)
    assert inspected.clean_path is not None
    content = inspected.clean_path.read_bytes()
    assert active_parts(content) == []
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) == pages
        assert pdf.get_warnings() == []


def test_the_scan_of_these_tests_finds_the_active_parts_of_hostile_files() -> None:
    taken = {
        name: build for name, (build, code, codes) in HOSTILE.items() if not code and codes - {"EXTRA_BYTES"}
    }
    assert len(taken) > 4
    assert [name for name, build in taken.items() if not active_parts(build())] == []


def test_the_limits_are_within_the_targets() -> None:
    assert INSPECTION.cpu_seconds + 1 <= 5
    assert INSPECTION.address_space_bytes <= 512_000_000


def test_a_child_that_hangs_is_stopped_and_the_file_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "WALL_SECONDS", 0.3)
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    started = time.monotonic()
    assert inspect(pdf_bytes(), tmp_path).reason_code == "TIMED_OUT"
    assert time.monotonic() - started < 10


def test_the_content_of_a_form_field_stays_on_the_page(inspect_honest: Callable[[str], Inspection]) -> None:
    inspected = inspect_honest("filled-form")
    assert inspected.clean_path is not None
    with pypdfium2.PdfDocument(inspected.clean_path) as pdf:
        picture = pdf[0].render(scale=1).to_pil().convert("RGB")
    assert picture.getpixel((80, 170)) == (0, 0, 255)


@pytest.mark.parametrize(
    "page, drawn",
    [((612, 792), (130, 168)), ((792, 612), (132, 102)), ((200, 2000), (17, 168)), ((2000, 200), (132, 13))],
)
def test_the_small_thumbnail_has_at_most_three_pixels_for_each_one_that_shows_it(
    page: tuple[int, int], drawn: tuple[int, int], tmp_path: Path
) -> None:
    inspected = inspect(pdf_bytes(1, size=page), tmp_path)
    assert inspected.small_thumbnail_path is not None
    with Image.open(inspected.small_thumbnail_path) as small:
        assert (small.format, small.size) == ("JPEG", drawn)


@pytest.mark.parametrize("pages, code", [(3, None), (4, "TOO_MANY_PAGES")])
def test_the_page_limit_is_included(pages: int, code: str | None, tmp_path: Path) -> None:
    inspected = inspect(pdf_bytes(pages), tmp_path)
    assert inspected.reason_code == code
    assert inspected.pages == pages
    if code:
        assert "4 pages" in inspected.reason.replace("\u00a0", " ")
        assert "3 pages au plus" in inspected.reason.replace("\u00a0", " ")


def test_the_same_file_is_cleaned_to_the_same_bytes(
    tmp_path: Path, inspect_honest: Callable[[str], Inspection]
) -> None:
    made = []
    for inspected in (inspect_honest("filled-form"), inspect(HONEST["filled-form"][0](), tmp_path)):
        assert inspected.clean_path is not None
        made.append(inspected.clean_path.read_bytes())
    assert made[0] == made[1]


def test_a_picture_named_pdf_is_stored_as_a_picture(inspect_honest: Callable[[str], Inspection]) -> None:
    inspected = inspect_honest("jpeg-named-pdf")
    assert (inspected.media_type, inspected.stored_name) == ("image/jpeg", "diplome.jpg")
