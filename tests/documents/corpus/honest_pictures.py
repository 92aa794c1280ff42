"""Honest pictures of phones, scanners and old programs."""

import io
from collections.abc import Callable
from functools import partial
from typing import Any

from PIL import Image, ImageCms

from tests.factories.files import HONEST, picture_bytes

from .case import Case, honest
from .honest_pdf import scan
from .pictures_raw import jpeg_with

FAMILY = "pictures"


def _encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _png_text(size: int) -> bytes:
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415 -- for this picture only

    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", "<x/>" + " " * size, zip=True)
    return picture_bytes("PNG", pnginfo=info)


_BUILDERS: dict[str, Callable[[], bytes]] = {
    **{
        f"older list: {name}": build
        for name, (build, sent, _pages) in HONEST.items()
        if sent.lower().endswith(("jpg", "jpeg", "png"))
    },
    "scan": lambda: _encoded(scan(), "JPEG", quality=70),
    "scan, PNG": lambda: _encoded(scan(), "PNG"),
    "scan in black and white": lambda: _encoded(scan().convert("1"), "PNG"),
    "progressive": lambda: picture_bytes(progressive=True, quality=90),
    "coarse colours": lambda: picture_bytes(subsampling=2, quality=40),
    "restart marks": lambda: picture_bytes(restart_marker_rows=1),
    "profile of colours": lambda: picture_bytes(icc_profile=_profile()),
    "PNG with a profile": lambda: picture_bytes("PNG", icc_profile=_profile()),
    "long text in a PNG": partial(_png_text, 3_000_000),
    "film after a photograph": lambda: picture_bytes() + b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 5000,
    "data of a phone after a photograph": lambda: (
        picture_bytes() + b"\0\0\1\x0a\x0e\0\0\0Image_UTC_Data1699999999999SEFH"
    ),
    "zeros after a photograph": lambda: picture_bytes() + b"\0" * 999,
    "thumbnail in the EXIF": lambda: jpeg_with(
        (0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0" + picture_bytes(size=(160, 120)))
    ),
    "panorama": lambda: picture_bytes(size=(6000, 800)),
    "small photograph": lambda: picture_bytes(size=(120, 160)),
}


# Its first picture is white.
_WARNED = {"older list: png-animated": frozenset({"BLANK_PAGE"})}

CASES: list[Case] = [
    honest(FAMILY, name, build, sent_as="photo.jpg", warned=_WARNED.get(name))
    for name, build in _BUILDERS.items()
]
