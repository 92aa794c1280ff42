"""The headers of pictures are read without decoding: their pixels, and their bytes without metadata."""

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageChops, ImageCms

from intake.documents.child import image, pictures
from intake.documents.child.pdf import clean
from intake.documents.child.pictures import (
    declared_pixels,
    end_of_picture,
    refuse_picture_bombs,
    without_metadata,
)
from intake.documents.child.refusal import Refused
from tests.documents.corpus import bombs
from tests.documents.corpus.pictures import CASES, MARK, _in_a_pdf, _jpx
from tests.documents.corpus.pictures_raw import jpeg_of, jpeg_with, jpx_of, png, png_chunk
from tests.documents.corpus.raw import zeros
from tests.documents.corpus.reader import unpacked
from tests.factories.files import picture_bytes

COMMENT = jpeg_with((0xFE, MARK), (0xE1, b"Exif\0\0" + MARK), (0xE2, b"ICC_PROFILE\0" + MARK), after=MARK)


def _filled(picture: bytes, marker: int = 0xC0) -> bytes:
    """Return a JPEG with a fill byte before a marker, by default that of its frame."""
    return picture.replace(b"\xff%c" % marker, b"\xff\xff%c" % marker)


@pytest.mark.parametrize(
    "data, name, pixels",
    [
        (jpeg_of(300, 200), "/DCTDecode", 60_000),
        (jpeg_of(300, 200), "/DCT", 60_000),
        (_filled(jpeg_of(300, 200)), "/DCTDecode", 60_000),
        (picture_bytes(progressive=True), "/DCTDecode", 850 * 1100),
        (jpx_of(300, 200), "/JPXDecode", 60_000),
        (jpx_of(300, 200, in_file=True), "/JPXDecode", 60_000),
        (bombs._jbig2(300, 200), "/JBIG2Decode", 60_000),
        (b"\xff\xd8\xff\xc0\0", "/DCTDecode", 0),
        (b"\xff\x4f\xff\x51", "/JPXDecode", 0),
        (b"\0" * 10, "/JBIG2Decode", 0),
        (jpeg_of(300, 200), "/CCITTFaxDecode", 0),
        (b"", "/DCTDecode", 0),
    ],
)
def test_the_pixels_of_a_picture_are_those_of_its_header(data: bytes, name: str, pixels: int) -> None:
    assert declared_pixels(data, name) == pixels


def test_a_jpeg_has_a_maximum_of_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    many = bombs._scans(50)
    refuse_picture_bombs(many)
    monkeypatch.setattr(pictures, "MAX_JPEG_SCANS", 20)
    with pytest.raises(Refused, match="TOO_COMPLEX"):
        refuse_picture_bombs(many)


@pytest.mark.parametrize(
    "kind, head", [(b"zTXt", b"a\0\0"), (b"iTXt", b"a\0\1\0fr\0a\0"), (b"iCCP", b"a\0\0")]
)
def test_packed_text_of_a_png_has_a_maximum(
    kind: bytes, head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = png(4, 5, before=png_chunk(kind, head + zeros(1 << 20)))
    refuse_picture_bombs(content)
    monkeypatch.setattr(pictures, "MAX_TEXT_BYTES", (1 << 20) - 1)
    with pytest.raises(Refused, match="TOO_COMPLEX"):
        refuse_picture_bombs(content)


@pytest.mark.parametrize(
    "data, name", [(COMMENT, "/DCTDecode"), (_filled(COMMENT), "/DCTDecode"), (_jpx(), "/JPXDecode")]
)
def test_a_picture_of_a_pdf_loses_its_metadata_and_keeps_its_pixels(data: bytes, name: str) -> None:
    assert MARK in data
    kept = without_metadata(data, name)
    assert kept is not None
    assert MARK not in kept
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(kept)) as after:
        assert ImageChops.difference(before.convert("RGB"), after.convert("RGB")).getbbox() is None
    assert without_metadata(kept, name) is None


def test_the_marks_that_say_how_colours_are_stored_are_kept() -> None:
    ink = picture_bytes(mode="CMYK")
    kept = without_metadata(ink[:2] + b"\xff\xfe\0\4xx" + ink[2:], "/DCTDecode")
    assert kept == ink
    assert b"Adobe" in ink


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\0", b"not a picture"])
def test_a_damaged_picture_is_left_as_it_is(data: bytes) -> None:
    for name in ("/DCTDecode", "/JPXDecode", "/JBIG2Decode"):
        assert without_metadata(data, name) is None


@pytest.mark.parametrize("build", [case.build for case in CASES if case.name.endswith("in a PDF")])
def test_a_cleaned_pdf_has_no_metadata_in_its_pictures(build: Callable[[], bytes], tmp_path: Path) -> None:
    content = build()
    (tmp_path / "received").write_bytes(content)
    clean(tmp_path / "received", tmp_path / "clean.pdf", max_pages=1)
    left = (tmp_path / "clean.pdf").read_bytes()
    assert MARK not in left + unpacked(left)
    with pikepdf.open(tmp_path / "clean.pdf") as pdf:
        assert pdf.pages[0].Resources.XObject.X.Width == 850


def test_a_picture_of_a_pdf_keeps_the_parameters_of_the_filter_that_it_keeps(tmp_path: Path) -> None:
    keys = b"/Filter[/FlateDecode/DCTDecode]/DecodeParms[<</Predictor 1>><</ColorTransform 0>>]"
    (tmp_path / "received").write_bytes(_in_a_pdf(zlib.compress(COMMENT), keys)())
    clean(tmp_path / "received", tmp_path / "clean.pdf", max_pages=1)
    with pikepdf.open(tmp_path / "clean.pdf") as pdf:
        assert pdf.pages[0].Resources.XObject.X.DecodeParms == pikepdf.Dictionary(ColorTransform=0)


@pytest.mark.parametrize(
    "content", [*map(picture_bytes, ["JPEG", "PNG", "HEIF"]), _filled(picture_bytes(), 0xD9)]
)
def test_the_end_of_a_picture_is_found(content: bytes) -> None:
    assert end_of_picture(content) == end_of_picture(content + b"more") == len(content)


def test_colours_are_converted_from_the_profile_of_a_picture(tmp_path: Path) -> None:
    """The profile swaps red and blue: a reader that ignores it shows the wrong colour."""
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red, blue = swapped.index(b"rXYZ"), swapped.index(b"bXYZ")
    profile = bytearray(swapped)
    profile[red + 4 : red + 12], profile[blue + 4 : blue + 12] = (
        swapped[blue + 4 : blue + 12],
        swapped[red + 4 : red + 12],
    )
    Image.new("RGB", (60, 80), (254, 0, 0)).save(tmp_path / "received", "PNG", icc_profile=bytes(profile))
    image.to_page(tmp_path / "received", tmp_path / "clean.pdf")
    with pikepdf.open(tmp_path / "clean.pdf") as pdf:
        shown = Image.open(io.BytesIO(pdf.pages[0].Resources.XObject.Picture.read_raw_bytes()))
        assert "icc_profile" not in shown.info
        level = shown.convert("RGB").getpixel((30, 40))
    assert isinstance(level, tuple)
    assert level[0] < 60
    assert level[2] > 200
