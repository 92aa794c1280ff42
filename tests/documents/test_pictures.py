"""A picture becomes one page of letter paper: upright, opaque, bounded, and without metadata."""

import io
from pathlib import Path
from typing import Any

import pikepdf
import pillow_heif
import pytest
from PIL import Image, ImageFile, PngImagePlugin
from PIL.Image import Exif
from PIL.Image import Image as Picture
from PIL.JpegImagePlugin import JpegImageFile

from intake.documents.child import image
from intake.documents.child.image import to_page
from intake.documents.child.refusal import Refused
from tests.factories.files import picture_bytes

RED, BLUE, WHITE = (254, 0, 0), (0, 0, 254), (255, 255, 255)


@pytest.fixture(autouse=True)
def as_in_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """The renderer sets LOAD_TRUNCATED_IMAGES in this process. The inspecting child does not import the renderer."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", False)


def encoded(picture: Picture, kind: str = "PNG", **options: object) -> bytes:
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def cleaned_picture(content: bytes, tmp_path: Path) -> tuple[Picture, pikepdf.Pdf, set[str]]:
    """Return the picture on the page, the PDF, and the codes of the removed parts."""
    (tmp_path / "received").write_bytes(content)
    pages, removed = to_page(tmp_path / "received", tmp_path / "clean.pdf")
    assert pages == 1
    pdf = pikepdf.open(tmp_path / "clean.pdf")
    drawn = Image.open(io.BytesIO(pdf.pages[0].Resources.XObject.Picture.read_raw_bytes()))
    drawn.load()
    return drawn, pdf, removed


def colours(drawn: Picture, *places: tuple[int, int]) -> list[tuple[int, ...]]:
    """Return the colours at `places`, each channel rounded to a multiple of 32: JPEG is not exact."""
    plain = drawn.convert("RGB")
    found = [plain.getpixel(place) for place in places]
    return [tuple(round(channel / 32) * 32 for channel in one) for one in found if isinstance(one, tuple)]


NEAR_RED, NEAR_BLUE, NEAR_WHITE = (256, 0, 0), (0, 0, 256), (256, 256, 256)


def halves(size: tuple[int, int], mode: str = "RGB") -> Picture:
    """Return a picture that is red on the left and blue on the right."""
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (size[0] // 2, 0, *size))
    return picture.convert(mode)


# -- The page


@pytest.mark.parametrize(
    "size, box, content",
    [
        # Upright or square: the page is in portrait, with margins of a quarter of an inch.
        ((1152, 1512), (612, 792), "q 576.000 0 0 756.000 18.000 18.000 cm /Picture Do Q"),
        ((1000, 1000), (612, 792), "q 576.000 0 0 576.000 18.000 108.000 cm /Picture Do Q"),
        ((500, 1512), (612, 792), "q 250.000 0 0 756.000 181.000 18.000 cm /Picture Do Q"),
        ((1512, 576), (792, 612), "q 756.000 0 0 288.000 18.000 162.000 cm /Picture Do Q"),
        # A small picture is not enlarged.
        ((100, 60), (792, 612), "q 100.000 0 0 60.000 346.000 276.000 cm /Picture Do Q"),
    ],
)
def test_a_picture_lies_in_the_middle_of_a_page_that_is_turned_as_it_is(
    size: tuple[int, int], box: tuple[int, int], content: str, tmp_path: Path
) -> None:
    drawn, pdf, removed = cleaned_picture(encoded(halves(size)), tmp_path)
    page = pdf.pages[0]
    assert [int(side) for side in page.mediabox] == [0, 0, *box]
    assert page.Contents.read_bytes().decode() == content
    assert (drawn.size, drawn.mode, drawn.format, removed) == (size, "RGB", "JPEG", set())


# -- Its size


@pytest.mark.parametrize(
    "size, kept",
    [
        ((7000, 5000), (3300, 2357)),  # wide: at most 3300 × 2550
        ((5000, 7000), (2357, 3300)),
        ((5200, 5200), (2550, 2550)),
        ((3300, 2550), (3300, 2550)),
    ],
)
def test_a_large_picture_is_reduced_to_300_dots_per_inch_of_a_page(
    size: tuple[int, int], kept: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A tenth of the sizes tests the same, and is faster.
    monkeypatch.setattr(image, "MAX_LONG_SIDE_PIXELS", 330)
    monkeypatch.setattr(image, "MAX_SHORT_SIDE_PIXELS", 255)
    small = (size[0] // 10, size[1] // 10)
    for content in (encoded(halves(small)), encoded(halves(small), "JPEG")):
        drawn, _pdf, _removed = cleaned_picture(content, tmp_path)
        assert (abs(drawn.width - kept[0] / 10), abs(drawn.height - kept[1] / 10)) < (1, 1)


def test_a_large_photograph_is_reduced_while_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At full size, 200 million pixels would exceed the process's memory limit."""
    asked: list[Any] = []
    real = JpegImageFile.draft

    def draft(picture: JpegImageFile, *how: Any) -> Any:
        asked.append(how)
        return real(picture, *how)

    monkeypatch.setattr(JpegImageFile, "draft", draft)
    cleaned_picture(encoded(halves((60, 80)), "JPEG"), tmp_path)
    cleaned_picture(encoded(halves((80, 60)), "JPEG"), tmp_path)
    assert asked[0] == ("RGB", (2550, 3300))
    assert ("RGB", (3300, 2550)) in asked


@pytest.mark.parametrize("orientation, is_wide", [(1, True), (3, True), (6, False), (8, False)])
def test_a_photograph_is_reduced_to_the_page_in_its_orientation(
    orientation: int, *, is_wide: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image, "MAX_LONG_SIDE_PIXELS", 330)
    monkeypatch.setattr(image, "MAX_SHORT_SIDE_PIXELS", 255)
    exif = Exif()
    exif[0x0112] = orientation
    drawn, _pdf, _removed = cleaned_picture(encoded(halves((440, 340)), exif=exif), tmp_path)
    assert drawn.size == ((330, 255) if is_wide else (255, 330))
    panorama, _pdf, _removed = cleaned_picture(encoded(halves((660, 100)), exif=exif), tmp_path)
    assert panorama.size == ((330, 50) if is_wide else (50, 330))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF"])
def test_a_picture_may_have_the_maximum_of_pixels_and_not_one_more(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(image.MAX_PIXELS, kind, 6000)
    cleaned_picture(encoded(halves((60, 100)), kind), tmp_path)
    (tmp_path / "received").write_bytes(encoded(halves((60, 101)), kind))
    with pytest.raises(Refused) as refused:
        to_page(tmp_path / "received", tmp_path / "clean.pdf")
    assert (refused.value.code, refused.value.facts) == ("DIMENSIONS", {"width": 60, "height": 101})


def test_the_pixel_limit_of_the_library_is_not_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert cleaned_picture(encoded(halves((60, 80))), tmp_path)[0].size == (60, 80)


@pytest.mark.parametrize(
    "content",
    [
        picture_bytes()[:2000],
        picture_bytes("PNG")[:60],
        picture_bytes("HEIF")[:-200],
        b"\xff\xd8\xff\xe0" + b"\0" * 40,
        picture_bytes("GIF"),
        b"",
    ],
    ids=[
        "JPEG cut short",
        "PNG cut short",
        "HEIC cut short",
        "nothing but a header",
        "another format",
        "empty",
    ],
)
def test_an_incomplete_or_unreadable_picture_is_damaged(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "received").write_bytes(content)
    with pytest.raises(Refused) as refused:
        to_page(tmp_path / "received", tmp_path / "clean.pdf")
    assert (refused.value.code, refused.value.facts) == ("DAMAGED", {})
    assert not (tmp_path / "clean.pdf").exists()


# -- Orientation ---


# EXIF orientation: the side on which the stored picture's red left half is displayed.
LIES = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
@pytest.mark.parametrize("orientation", LIES)
def test_a_picture_is_turned_upright_for_every_orientation(
    orientation: int, mode: str, tmp_path: Path
) -> None:
    exif = Exif()
    exif[0x0112] = orientation
    drawn, _pdf, removed = cleaned_picture(encoded(halves((80, 60), mode), exif=exif), tmp_path)
    turned = orientation >= 5
    assert drawn.size == ((60, 80) if turned else (80, 60))
    ends = [(30, 5), (30, 74)] if turned else [(5, 30), (74, 30)]
    first = LIES[orientation] in {"left", "top"}
    assert colours(drawn, *ends) == ([NEAR_RED, NEAR_BLUE] if first else [NEAR_BLUE, NEAR_RED])
    assert removed == {"METADATA"}
    assert not drawn.getexif()


@pytest.mark.parametrize("orientation", LIES)
def test_a_photograph_in_heic_is_turned_upright_once(orientation: int, tmp_path: Path) -> None:
    """Its container turns it, and its EXIF says so too."""
    exif = Exif()
    exif[0x0112] = orientation
    content = encoded(halves((160, 120)), "HEIF", exif=exif.tobytes())
    drawn, _pdf, removed = cleaned_picture(content, tmp_path)
    turned = orientation >= 5
    assert drawn.size == ((120, 160) if turned else (160, 120))
    ends = [(60, 20), (60, 140)] if turned else [(20, 60), (140, 60)]
    first = LIES[orientation] in {"left", "top"}
    assert colours(drawn, *ends) == ([NEAR_RED, NEAR_BLUE] if first else [NEAR_BLUE, NEAR_RED])
    assert removed == {"METADATA"}
    assert not drawn.getexif()


# -- Colours and transparency ---


def _sixteen_bits(value: int) -> bytes:
    return encoded(Image.new("I;16", (40, 50), value))


def _clear(mode: str) -> bytes:
    """Return a picture that is blue on the left and transparent on the right."""
    picture = halves((80, 60), "RGBA")
    picture.paste((0, 0, 254, 255), (0, 0, 40, 60))
    picture.paste((254, 0, 0, 0), (40, 0, 80, 60))
    return encoded(picture.convert(mode))


PAINTED = {
    "black and white": (encoded(Image.new("1", (40, 50), 1)), "L", [(256, 256, 256)]),
    "grey": (encoded(Image.new("L", (40, 50), 128)), "L", [(128, 128, 128)]),
    "sixteen bits, light": (_sixteen_bits(0xC0FF), "L", [(192, 192, 192)]),
    "sixteen bits, dark": (_sixteen_bits(0x20FF), "L", [(32, 32, 32)]),
    "ink": (encoded(Image.new("CMYK", (40, 50), (0, 255, 255, 0)), "JPEG"), "RGB", [NEAR_RED]),
    "palette": (encoded(halves((80, 60), "P")), "RGB", [NEAR_RED, NEAR_BLUE]),
    "transparent": (_clear("RGBA"), "RGB", [NEAR_BLUE, NEAR_WHITE]),
    "transparent, grey": (encoded(Image.new("LA", (40, 50), (0, 0))), "RGB", [NEAR_WHITE]),
    "half transparent": (encoded(Image.new("RGBA", (40, 50), (0, 0, 0, 128))), "RGB", [(128, 128, 128)]),
    "one colour is clear": (encoded(halves((80, 60)), transparency=BLUE), "RGB", [NEAR_RED, NEAR_WHITE]),
    "one grey is clear": (encoded(Image.new("L", (40, 50), 7), transparency=7), "RGB", [NEAR_WHITE]),
    "palette with a clear colour": (
        encoded(Image.new("P", (40, 50), 0), transparency=0),
        "RGB",
        [NEAR_WHITE],
    ),
}


@pytest.mark.parametrize("name", PAINTED)
def test_a_picture_becomes_opaque_and_keeps_its_displayed_colours(name: str, tmp_path: Path) -> None:
    content, mode, seen = PAINTED[name]
    drawn, pdf, _removed = cleaned_picture(content, tmp_path)
    assert drawn.mode == mode
    space = "/DeviceGray" if mode == "L" else "/DeviceRGB"
    assert pdf.pages[0].Resources.XObject.Picture.ColorSpace == space
    places = [(5, 20), (70, 20)] if len(seen) > 1 else [(5, 20)]
    assert colours(drawn, *places) == seen


# -- Metadata ----------


def _png_with_metadata(kind: str = "PNG", **beside: object) -> bytes:
    return encoded(halves((60, 80)), kind, **beside)


def _named() -> Exif:
    exif = Exif()
    exif[0x010F] = "Appareil de Zoé"
    return exif


def _text_of_a_png() -> PngImagePlugin.PngInfo:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", "Zoé")
    return told


def _edited() -> bytes:
    """Return a JPEG with a block as Photoshop writes it."""
    plain, block = _png_with_metadata("JPEG"), b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\0"
    return plain[:2] + b"\xff\xed" + (len(block) + 2).to_bytes(2, "big") + block + plain[2:]


SECOND = [Image.new("RGB", (60, 80))]
METADATA = {
    "nothing": (_png_with_metadata(), set()),
    "exif": (_png_with_metadata(exif=_named()), {"METADATA"}),
    "comment": (_png_with_metadata("JPEG", comment=b"Zo"), {"METADATA"}),
    "text of a PNG": (_png_with_metadata(pnginfo=_text_of_a_png()), {"METADATA"}),
    "XMP": (_png_with_metadata("JPEG", xmp=b"<x:xmpmeta/>"), {"METADATA"}),
    "Photoshop": (_edited(), {"METADATA"}),
    "two frames": (_png_with_metadata(save_all=True, append_images=SECOND), {"ANIMATION"}),
    "two views": (_png_with_metadata("MPO", save_all=True, append_images=SECOND), {"ANIMATION"}),
}


@pytest.mark.parametrize("name", METADATA)
def test_metadata_and_extra_frames_of_a_picture_are_reported_and_removed(name: str, tmp_path: Path) -> None:
    content, removed = METADATA[name]
    drawn, _pdf, told = cleaned_picture(content, tmp_path)
    assert told == removed
    assert drawn.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert colours(drawn, (5, 40)) == [NEAR_RED]  # only the first frame of an animation
