"""What an inspection makes of a file besides its verdict: pages, pictures, names, the same bytes each time."""

from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from intake.documents import inspection
from intake.documents.inspection import Inspection, inspect_file
from tests.factories.documents import active_parts
from tests.factories.files import HONEST, HOSTILE, pdf_bytes, picture_bytes

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests check the CPU limit; on a busy machine the default wall clock limit would come first."""
    monkeypatch.setattr(inspection, "WALL_SECONDS", 300)


def inspect(content: bytes, directory: Path, *, name: str = "cv.pdf", max_pages: int = 3) -> Inspection:
    path, into = directory / "received", directory / "made"
    path.write_bytes(content)
    into.mkdir()
    return inspect_file(path, name=name, max_pages=max_pages, max_bytes=10 * MIB, into=into)


def test_the_scan_of_these_tests_finds_the_active_parts_of_hostile_files() -> None:
    taken = {
        name: build for name, (build, code, codes) in HOSTILE.items() if not code and codes - {"EXTRA_BYTES"}
    }
    assert len(taken) > 4
    assert [name for name, build in taken.items() if not active_parts(build())] == []


def test_the_content_of_a_form_field_stays_on_the_page(tmp_path: Path) -> None:
    inspected = inspect(HONEST["filled-form"][0](), tmp_path)
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


def test_the_same_file_is_cleaned_to_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        inspected = inspect(HONEST["filled-form"][0](), tmp_path / name)
        assert inspected.clean_path is not None
        made.append(inspected.clean_path.read_bytes())
    assert made[0] == made[1]


def test_a_picture_named_pdf_is_stored_as_a_picture(tmp_path: Path) -> None:
    inspected = inspect(picture_bytes(), tmp_path, name="diplôme.pdf")
    assert (inspected.media_type, inspected.stored_name) == ("image/jpeg", "diplome.jpg")
