"""Photographs in HEIC: those of phones, and hostile ones."""

import io
import struct
from collections.abc import Callable
from functools import cache
from typing import Any

import pillow_heif
from PIL import Image, ImageCms

from tests.factories.files import pdf_bytes, picture_bytes

from .case import Case, honest, neutralised, refused
from .honest_pdf import scan

_NAME = "IMG_0001.HEIC"
_PHP = b"<?php /* MARQUE-ACTIVE */ ?>"
_FAST = {"preset": "ultrafast"}


def encoded(picture: Image.Image, **options: Any) -> bytes:
    """Return a picture as a HEIC."""
    pillow_heif.register_heif_opener()
    out = io.BytesIO()
    picture.save(out, "HEIF", enc_params=_FAST, **options)
    return out.getvalue()


@cache
def _plain() -> bytes:
    return encoded(scan(size=(900, 1200)).convert("RGB"))


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Telephone"
    exif[0x8825] = {1: "N", 2: (46.0, 48.0, 0.0)}
    return encoded(scan(size=(900, 1200)).convert("RGB"), exif=exif.tobytes())


def _in_tiles() -> bytes:
    """Return a picture of several tiles, as phones divide theirs."""
    before = pillow_heif.options.GRID_TILE_SIZE
    pillow_heif.options.GRID_TILE_SIZE = 512
    try:
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        return encoded(scan(size=(1200, 1600)).convert("RGB"), icc_profile=profile)
    finally:
        pillow_heif.options.GRID_TILE_SIZE = before


def _several() -> bytes:
    others = [Image.new("RGB", (60, 80), colour) for colour in ("red", "blue")]
    return encoded(scan(size=(300, 400)).convert("RGB"), save_all=True, append_images=others)


def _sized(width: int, height: int, *, of: Callable[[], bytes] = _plain) -> Callable[[], bytes]:
    """Return a builder of a photograph whose container says another size."""

    def build() -> bytes:
        whole = bytearray(of())
        at = -1
        while (at := whole.find(b"ispe", at + 1)) >= 0:
            struct.pack_into(">II", whole, at + 8, width, height)
        return bytes(whole)

    return build


def _large() -> bytes:
    return encoded(Image.new("RGB", (9000, 9000), "gray"))


def _zeroed() -> bytes:
    whole = bytearray(_plain())
    data = whole.index(b"mdat") + 200
    whole[data : data + 4000] = bytes(4000)
    return bytes(whole)


_PHONES: dict[str, Callable[[], bytes]] = {
    "HEIC": _plain,
    "HEIC turned": _turned,
    "HEIC in tiles": _in_tiles,
    "HEIC in grey": lambda: encoded(scan(size=(300, 400)).convert("L")),
    "HEIC of ten bits": lambda: encoded(Image.new("I;16", (300, 400), 9000)),
    "HEIC with transparency": lambda: encoded(scan(size=(300, 400)).convert("RGBA")),
    "HEIC of odd sides": lambda: encoded(scan(size=(301, 401)).convert("RGB")),
    "data of a phone after a HEIC": lambda: _plain() + b"\0\0\0\x10sefd" + b"\0" * 8,
    "JPEG named HEIC": picture_bytes,
}
CASES: list[Case] = [
    *(
        refused("polyglot photographs", name, build, "POLYGLOT", sent_as=_NAME)
        for name, build in {
            "PDF after a HEIC": lambda: _plain() + pdf_bytes(),
            "page after a HEIC": lambda: _plain() + b"<html><script>alert(1)</script></html>",
            "PHP after a HEIC": lambda: _plain() + _PHP,
            "program after a HEIC": lambda: _plain() + b"MZ\x90\0" + b"\0" * 60,
            "archive after a HEIC": lambda: _plain() + b"PK\x05\x06" + b"\0" * 18,
            "PDF in a box of a HEIC": lambda: (
                _plain() + struct.pack(">I", 8 + len(pdf_bytes())) + b"free" + pdf_bytes()
            ),
        }.items()
    ),
    *(
        refused("damaged photographs", name, build, "DAMAGED", sent_as=_NAME)
        for name, build in {
            "header of a HEIC": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
            "first half of a HEIC": lambda: _plain()[: len(_plain()) // 2],
            "HEIC without its boxes": lambda: _plain()[:40] + bytes(500),
            "film that says it is a photograph": lambda: b"\0\0\0\x18ftypmp42\0\0\0\0mif1isom" + b"\0" * 5000,
        }.items()
    ),
    refused(
        "bombs of photographs",
        "HEIC of 60,000 pixels a side",
        _sized(60_000, 60_000),
        "DIMENSIONS",
        "DAMAGED",
        sent_as=_NAME,
    ),
    refused(
        "bombs of photographs",
        "HEIC of 81 million pixels",
        _large,
        "DIMENSIONS",
        sent_as=_NAME,
        is_heavy=True,
    ),
    refused(
        "bombs of photographs",
        "HEIC of 81 million pixels that says 100",
        _sized(10, 10, of=_large),
        *("DAMAGED", "TOO_COMPLEX", "DIMENSIONS"),
        sent_as=_NAME,
        is_heavy=True,
    ),
    refused("bombs of photographs", "HEIC of wrong data", _zeroed, "", "DAMAGED", sent_as=_NAME),
    neutralised("metadata of photographs", "place in a HEIC", _turned, "METADATA", sent_as=_NAME),
    neutralised(
        "metadata of photographs",
        "PHP in a HEIC's XMP",
        lambda: encoded(scan(size=(300, 400)).convert("RGB"), xmp=_PHP),
        "METADATA",
        sent_as=_NAME,
    ),
    neutralised(
        "metadata of photographs", "several photographs in a HEIC", _several, "ANIMATION", sent_as=_NAME
    ),
    *(honest("photographs of phones", name, build, sent_as=_NAME) for name, build in _PHONES.items()),
]
