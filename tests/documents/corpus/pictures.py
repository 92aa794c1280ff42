"""Hostile pictures: code and places in their metadata, damaged ones, and pictures inside a PDF."""

import io
from collections.abc import Callable

from PIL import Image, PngImagePlugin

from tests.factories.files import picture_bytes

from .case import Case, neutralised, refused
from .pictures_raw import jpeg_with, png, png_chunk
from .raw import objects, page, raw_pdf, stream

MARK = b"MARQUE-ACTIVE"
_PHP = b"<?php /* MARQUE-ACTIVE */ ?>"


def _exif(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = _PHP.decode()  # ImageDescription
    exif[0x8825] = {1: "N", 2: (46.0, 48.0, 0.0), 3: "W", 4: (71.0, 12.0, 0.0)}
    return picture_bytes(kind, exif=exif)


def _text(*, packed: bool) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", _PHP.decode(), zip=packed)
    info.add_itxt("XML:com.adobe.xmp", _PHP.decode(), zip=packed)
    return picture_bytes("PNG", pnginfo=info)


def _sequence(kind: str) -> bytes:
    out = io.BytesIO()
    pictures = [Image.new("RGB", (60, 80), colour) for colour in ("white", "red", "blue")]
    pictures[0].save(out, kind, save_all=True, append_images=pictures[1:])
    return out.getvalue()


def _in_a_pdf(data: bytes, keys: bytes) -> Callable[[], bytes]:
    image = (
        b"/Type/XObject/Subtype/Image/Width 850/Height 1100/BitsPerComponent 8/ColorSpace/DeviceRGB" + keys
    )
    resources = b"<</XObject<</X 5 0 R>>>>"
    return lambda: raw_pdf(
        objects(
            {3: page(resources=resources), 4: stream(b"612 0 0 792 0 0 cm /X Do"), 5: stream(data, image)}
        )
    )


def _jpx() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (850, 1100), "red").save(out, "JPEG2000")
    whole = out.getvalue()
    box = (len(_PHP) + 8).to_bytes(4, "big") + b"xml " + _PHP
    return whole[: whole.index(b"jp2c") - 4] + box + whole[whole.index(b"jp2c") - 4 :]


def _frame_without_scan() -> bytes:
    whole = picture_bytes()
    return whole[: whole.rindex(b"\xff\xda")] + b"\xff\xd9"


def _bad_checksum() -> bytes:
    whole = bytearray(picture_bytes("PNG"))
    whole[29:33] = b"\0\0\0\0"
    return bytes(whole)


CASES: list[Case] = [
    *(
        neutralised("metadata of pictures", name, build, *codes, sent_as="photo.jpg")
        for name, build, codes in (
            ("PHP in a JPEG's comment", lambda: jpeg_with((0xFE, _PHP)), ["METADATA"]),
            ("ten comments in a JPEG", lambda: jpeg_with(*[(0xFE, _PHP)] * 10), ["METADATA"]),
            ("PHP in a JPEG's EXIF", lambda: _exif("JPEG"), ["METADATA"]),
            ("PHP in a PNG's EXIF", lambda: _exif("PNG"), ["METADATA"]),
            (
                "XMP in a JPEG",
                lambda: jpeg_with((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + _PHP)),
                ["METADATA"],
            ),
            ("Photoshop in a JPEG", lambda: jpeg_with((0xED, b"Photoshop 3.0\0" + _PHP)), ["METADATA"]),
            ("unknown segment of a JPEG", lambda: jpeg_with((0xEA, _PHP)), []),
            ("damaged profile of a JPEG", lambda: jpeg_with((0xE2, b"ICC_PROFILE\0\1\1" + _PHP)), []),
            ("text of a PNG", lambda: _text(packed=False), ["METADATA"]),
            ("packed text of a PNG", lambda: _text(packed=True), ["METADATA"]),
            ("unknown chunk of a PNG", lambda: png(400, 500, before=png_chunk(b"vpAg", _PHP)), []),
            ("bytes after a JPEG", lambda: picture_bytes() + b"\0\1" + MARK, ["EXTRA_BYTES"]),
            ("bytes after a PNG", lambda: picture_bytes("PNG") + b"\0\1" + MARK, ["EXTRA_BYTES"]),
            ("animated PNG", lambda: _sequence("PNG"), ["ANIMATION"]),
            ("three views in one JPEG", lambda: _sequence("MPO"), ["ANIMATION"]),
        )
    ),
    *(
        neutralised("pictures in a PDF", name, build)
        for name, build in {
            "comment of a JPEG in a PDF": _in_a_pdf(jpeg_with((0xFE, _PHP)), b"/Filter/DCTDecode"),
            "EXIF of a JPEG in a PDF": _in_a_pdf(_exif("JPEG"), b"/Filter/DCTDecode"),
            "bytes after a JPEG in a PDF": _in_a_pdf(picture_bytes() + MARK, b"/Filter/DCTDecode"),
            "comment of a packed JPEG in a PDF": _in_a_pdf(
                jpeg_with((0xFE, _PHP)).hex().encode() + b">", b"/Filter[/ASCIIHexDecode/DCTDecode]"
            ),
            "box of a JPEG 2000 in a PDF": _in_a_pdf(_jpx(), b"/Filter/JPXDecode"),
        }.items()
    ),
    *(
        refused("damaged pictures", name, build, "DAMAGED", sent_as="photo.jpg")
        for name, build in {
            "JPEG without a scan": _frame_without_scan,
            "JPEG of no pixels": lambda: picture_bytes().replace(b"\x04\x4c\x03\x52", b"\0\0\0\0", 1),
            "PNG of no pixels": lambda: png(0, 0, data=b"\0"),
            "PNG with a wrong checksum": _bad_checksum,
            "PNG without data": lambda: png(40, 50, data=b""),
            "PNG whose data are not packed": lambda: png(40, 50).replace(b"IDATx", b"IDATy"),
        }.items()
    ),
]
