"""A page that people could not read is reported with its number, and an ordinary one is not."""

from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from pikepdf import Stream
from PIL import Image, ImageDraw, ImageFilter

from intake.documents.child import image, legibility
from intake.documents.child.legibility import warnings_of
from tests.documents.corpus.honest_pdf import LINES, scan, scanned
from tests.documents.corpus.raw import FONT, changed, objects, page, raw_pdf, stream, zipped
from tests.factories.files import new_pdf, pdf_bytes, saved


@pytest.fixture(autouse=True)
def no_limit_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of the tests has used more than a child may."""
    monkeypatch.setattr(legibility, "MAX_CPU_SECONDS", 1e9)


def warnings(content: bytes) -> list[tuple[str, int]]:
    with pypdfium2.PdfDocument(content) as document:
        return warnings_of(document)


def drawn(content: bytes) -> bytes:
    return raw_pdf(objects({4: zipped(content)}))


def photographed(picture: Image.Image, tmp_path: Path) -> bytes:
    """Return the page that a photograph becomes."""
    picture.save(tmp_path / "received.jpg")
    image.to_page(tmp_path / "received.jpg", tmp_path / "clean.pdf")
    return (tmp_path / "clean.pdf").read_bytes()


def shaded(picture: Image.Image) -> Image.Image:
    """Return a picture with a shadow from one corner to the other."""
    shadow = Image.linear_gradient("L").resize(picture.size).point(lambda level: 150 + level * 0.4)
    return Image.composite(picture, Image.new("L", picture.size, 0), shadow)


def on_a_desk(picture: Image.Image) -> Image.Image:
    """Return a sheet that lies on a dark desk with a grain."""
    desk = Image.effect_noise((1500, 2000), 40).point(lambda level: level * 0.5)
    desk.paste(picture.resize((1100, 1500)), (200, 250))
    return desk


def _table() -> bytes:
    rules = "".join(f"0 {y} m 612 {y} l S {y} 0 m {y} 792 l S " for y in range(12, 792, 24))
    return f"1 w {rules} {LINES.decode()}".encode()


def _dark_page_with_white_text() -> bytes:
    return b"0.1 0.1 0.3 rg 0 0 612 792 re f 1 1 1 rg " + LINES


def _text_beside_a_small_picture() -> bytes:
    resources = FONT.replace(b"<</Font", b"<</XObject<</X 5 0 R>>/Font")
    image = b"/Subtype/Image/Width 9/Height 9/BitsPerComponent 8/ColorSpace/DeviceGray"
    content = b"q 90 0 0 60 500 20 cm /X Do Q " + LINES
    return raw_pdf(objects({3: page(resources=resources), 4: stream(content), 5: stream(bytes(81), image)}))


def _text_from(start: bytes) -> bytes:
    return LINES.replace(b"72 720", start).replace(b"14 TL", b"13.7 TL")


def _beside(picture: Image.Image, left: int, top: int) -> Image.Image:
    """Return a scan that was moved, so that its text leaves the sheet."""
    moved = Image.new("L", picture.size, 250)
    moved.paste(picture, (left, top))
    return moved


FOUND: list[tuple[str, Callable[[Path], bytes], list[tuple[str, int]]]] = [
    ("white page", lambda _path: drawn(b"1 1 1 rg 0 0 612 792 re f"), [("BLANK_PAGE", 1)]),
    ("page without drawing", lambda _path: drawn(b""), [("BLANK_PAGE", 1)]),
    ("coloured page without text", lambda _path: drawn(b".8 .9 1 rg 0 0 612 792 re f"), [("BLANK_PAGE", 1)]),
    (
        "scan of a white sheet",
        lambda _path: scanned(Image.effect_noise((1275, 1650), 4).point(lambda v: v // 8 + 225)),
        [("BLANK_PAGE", 1)],
    ),
    (
        "white sheet with dark edges",
        lambda _path: scanned(_edged(Image.new("L", (1275, 1650), 245))),
        [("BLANK_PAGE", 1)],
    ),
    (
        "photograph of a white sheet in a shadow",
        lambda path: photographed(shaded(Image.new("L", (1200, 1600), 240)), path),
        [("BLANK_PAGE", 1)],
    ),
    ("second and third pages empty", lambda _path: _three_pages(), [("BLANK_PAGE", 2), ("BLANK_PAGE", 3)]),
    (
        "photograph in the dark",
        lambda path: photographed(scan(size=(1200, 1600)).point(lambda v: v // 3), path),
        [("TOO_DARK", 1)],
    ),
    ("black page", lambda _path: drawn(b"0 0 612 792 re f"), [("TOO_DARK", 1)]),
    ("scan moved to the left", lambda _path: scanned(_beside(scan(), -165, 0)), [("CUT", 1)]),
    ("scan moved to the right", lambda _path: scanned(_beside(scan(), 166, 0)), [("CUT", 1)]),
    ("scan moved up", lambda _path: scanned(_beside(scan(), 0, -213)), [("CUT", 1)]),
    (
        "photograph of a part of a sheet",
        lambda path: photographed(scan(size=(1200, 1600)).crop((210, 0, 1200, 1600)), path),
        [("CUT", 1)],
    ),
    *(
        (
            f"text that leaves the page {side}",
            lambda _path, start=start: drawn(_text_from(start)),
            [("CUT", 1)],
        )
        for side, start in (
            ("on the left", b"-60 720"),
            ("on the right", b"390 720"),
            ("at the top", b"72 800"),
            ("at the bottom", b"72 94"),
        )
    ),
    ("scan at 50 dots an inch", lambda _path: scanned(scan(size=(425, 550))), [("LOW_RESOLUTION", 1)]),
    ("small photograph", lambda path: photographed(scan(size=(480, 640)), path), [("LOW_RESOLUTION", 1)]),
    (
        "text of three points",
        lambda _path: drawn(LINES.replace(b"/F1 11 Tf", b"/F1 3 Tf")),
        [("SMALL_TEXT", 1)],
    ),
]
UNDISTURBED: list[tuple[str, Callable[[Path], bytes]]] = [
    ("page of text", lambda _path: drawn(LINES)),
    ("text of six points", lambda _path: drawn(LINES.replace(b"/F1 11 Tf", b"/F1 6 Tf"))),
    ("pale grey text", lambda _path: drawn(b".6 g " + LINES)),
    (
        "signature alone",
        lambda _path: drawn(b"2 w 300 200 m 330 260 340 150 360 210 c 380 240 390 190 420 205 c S"),
    ),
    ("one short line", lambda _path: pdf_bytes()),
    ("text beside a coarse logo", lambda _path: _text_beside_a_small_picture()),
    ("table to the edges", lambda _path: drawn(_table())),
    ("scan of a table to the edges", lambda _path: scanned(_ruled(scan()))),
    ("coloured band to the edge", lambda _path: drawn(b".2 .3 .6 rg 0 0 150 792 re f 0 0 0 rg " + LINES)),
    ("white text on dark paper", lambda _path: drawn(_dark_page_with_white_text())),
    ("scan", lambda _path: scanned(scan())),
    ("grey scan", lambda _path: scanned(scan(grey=190))),
    ("scan with dark edges", lambda _path: scanned(scan(border=40))),
    ("scan that is blurred", lambda _path: scanned(scan().filter(ImageFilter.GaussianBlur(2)))),
    ("scan at 100 dots an inch", lambda _path: scanned(scan(size=(850, 1100)))),
    ("photograph", lambda path: photographed(scan(size=(1200, 1600)), path)),
    ("photograph in a shadow", lambda path: photographed(shaded(scan(size=(1200, 1600))), path)),
    ("photograph on a desk", lambda path: photographed(on_a_desk(scan()), path)),
    (
        "page turned by its key",
        lambda _path: changed(lambda pdf: pdf.pages[0].obj.__setitem__("/Rotate", 90))(),
    ),
    ("large sheet", lambda _path: pdf_bytes(size=(1191, 1684))),
]


def _edged(picture: Image.Image) -> Image.Image:
    ImageDraw.Draw(picture).rectangle((0, 0, picture.width - 1, picture.height - 1), outline=10, width=30)
    return picture


def _ruled(picture: Image.Image) -> Image.Image:
    draw = ImageDraw.Draw(picture)
    for place in range(0, picture.height, 50):
        draw.line((0, place, picture.width, place), fill=60, width=3)
        draw.line((place, 0, place, picture.height), fill=60, width=3)
    return picture


def _three_pages() -> bytes:
    pdf = new_pdf(3)
    for number in (1, 2):
        pdf.pages[number].obj.Contents = Stream(pdf, b"")
    return saved(pdf)


@pytest.mark.parametrize("build, found", [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_an_unreadable_page_is_reported_with_its_number(
    build: Callable[[Path], bytes], found: list[tuple[str, int]], tmp_path: Path
) -> None:
    assert warnings(build(tmp_path)) == found


@pytest.mark.parametrize("build", [row[1] for row in UNDISTURBED], ids=[row[0] for row in UNDISTURBED])
def test_an_ordinary_page_has_no_warning(build: Callable[[Path], bytes], tmp_path: Path) -> None:
    assert warnings(build(tmp_path)) == []


def test_pages_are_left_out_when_the_processor_time_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legibility, "MAX_CPU_SECONDS", 0)
    assert warnings(drawn(b"")) == []
