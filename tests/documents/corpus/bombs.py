"""Hostile: files that unpack to too much, or take too long to draw."""

import struct
import zlib
from collections.abc import Callable
from functools import cache

from tests.factories.files import HOSTILE, picture_bytes

from .case import Case, refused
from .pictures_raw import jpeg_of, jpx_of, png, png_chunk
from .raw import CATALOGUE, object_stream, objects, packed_pdf, page, raw_pdf, stream, zeros

_COMPLEX = "TOO_COMPLEX"
_GIB = 1 << 30


def _flate(size: int = _GIB, keys: bytes = b"") -> bytes:
    return stream(zeros(size), b"/Filter/FlateDecode" + keys)


def _in(place: bytes, keys: bytes = b"", size: int = _GIB) -> Callable[[], bytes]:
    """Return a builder of a PDF whose catalogue has a stream of `size` zeros at the key `place`."""
    return lambda: raw_pdf(objects({1: CATALOGUE[:-2] + place + b" 5 0 R>>", 5: _flate(size, keys)}))


def _font() -> bytes:
    descriptor = b"/FontDescriptor<</Type/FontDescriptor/FontName/X/Flags 4/FontFile2 5 0 R>>"
    font = b"<</Font<</F1<</Type/Font/Subtype/TrueType/BaseFont/X" + descriptor + b">>>>>>"
    return raw_pdf(objects({3: page(resources=font), 5: _flate()}))


def _picture(keys: bytes, data: bytes) -> Callable[[], bytes]:
    resources = b"<</XObject<</X 5 0 R>>>>"
    image = b"/Type/XObject/Subtype/Image/BitsPerComponent 8/ColorSpace/DeviceGray" + keys
    return lambda: raw_pdf(
        objects(
            {3: page(resources=resources), 4: stream(b"612 0 0 792 0 0 cm /X Do"), 5: stream(data, image)}
        )
    )


def _runs() -> bytes:
    return bytes([129, 0]) * 1_500_000 + b"\x80"


@cache
def _packed_table() -> bytes:
    return packed_pdf(objects(), table_data=lambda data: data + b"\0" * (40 << 20))


@cache
def _packed_objects() -> bytes:
    return packed_pdf(
        {1: CATALOGUE, 4: objects()[4]},
        packed={2: objects()[2], 3: page()},
        container=object_stream({2: objects()[2], 3: page()}, padding=40 << 20),
    )


def _filter_elsewhere() -> bytes:
    container = object_stream({2: objects()[2], 3: page()}).replace(b"/Filter/FlateDecode", b"/Filter 6 0 R")
    return packed_pdf(
        {1: CATALOGUE, 4: objects()[4], 6: b"/FlateDecode"}, packed={2: b"", 3: b""}, container=container
    )


def _filter_twice() -> bytes:
    container = object_stream({2: objects()[2], 3: page()}, b"/Filter/FlateDecode")
    return packed_pdf({1: CATALOGUE, 4: objects()[4]}, packed={2: b"", 3: b""}, container=container)


def _content(data: bytes, filters: bytes) -> Callable[[], bytes]:
    return lambda: raw_pdf(objects({4: stream(data, b"/Filter" + filters)}))


def _jbig2(width: int, height: int) -> bytes:
    about = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    return struct.pack(">IBBBI", 0, 48, 0, 1, len(about)) + about


def _drawn(content: bytes) -> Callable[[], bytes]:
    return _content(zlib.compress(content, 9), b"/FlateDecode")


def _text_chunk(kind: bytes, head: bytes) -> Callable[[], bytes]:
    return lambda: png(40, 50, before=png_chunk(kind, head + zeros(256 << 20)))


def _scans(count: int) -> bytes:
    whole = picture_bytes(size=(2000, 2000), progressive=True)
    start = whole.rindex(b"\xff\xda")
    return whole[:start] + whole[start:-2] * count + b"\xff\xd9"


_UNPACKED: dict[str, Callable[[], bytes]] = {
    "container of objects": _packed_objects,
    "metadata of the file": _in(b"/Metadata", b"/Type/Metadata/Subtype/XML"),
    "private data": _in(b"/PieceInfo"),
    "embedded file": _in(b"/AF", b"/Type/EmbeddedFile"),
    "form of XFA": lambda: raw_pdf(objects({1: CATALOGUE[:-2] + b"/AcroForm<</XFA 5 0 R>>>>", 5: _flate()})),
    "script": lambda: raw_pdf(
        objects({1: CATALOGUE[:-2] + b"/OpenAction<</S/JavaScript/JS 5 0 R>>>>", 5: _flate()})
    ),
    "thumbnail": lambda: raw_pdf(objects({3: page(b"/Thumb 5 0 R"), 5: _flate()})),
    "an object that nothing refers to": lambda: raw_pdf(objects({5: _flate()})),
    "font": _font,
    "drawing": lambda: raw_pdf(objects({4: _flate()})),
    "name with escapes": lambda: raw_pdf(objects({4: stream(zeros(_GIB), b"/Fi#6cter/Fl#61teDecode")})),
    "packed twice": lambda: raw_pdf(
        objects({4: stream(zlib.compress(zeros(_GIB), 9), b"/Filter[/FlateDecode/FlateDecode]")})
    ),
    "runs": _content(_runs(), b"/RunLengthDecode"),
    "table of the file": _packed_table,
    "container with a filter elsewhere": _filter_elsewhere,
    "container with two filters": _filter_twice,
    "picture of 90,000 pixels a side": _picture(b"/Width 90000/Height 90000", b"\0"),
    "JPEG that declares less": _picture(b"/Width 9/Height 9/Filter/DCTDecode", jpeg_of(65_000, 65_000)),
    "JPEG 2000 that declares less": _picture(b"/Width 9/Height 9/Filter/JPXDecode", jpx_of(60_000, 60_000)),
    "JPEG 2000 in a file": _picture(b"/Filter/JPXDecode", jpx_of(60_000, 60_000, in_file=True)),
    "JBIG2 that declares less": _picture(b"/Width 9/Height 9/Filter/JBIG2Decode", _jbig2(99_999, 99_999)),
    "fax of 90,000 lines": _picture(
        b"/Width 90000/Height 90000/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 90000>>", b"\0" * 99
    ),
    "JPEG of 500 scans": _picture(b"/Width 9/Height 9/Filter/DCTDecode", _scans(500)),
    "PNG with packed text": _text_chunk(b"zTXt", b"a\0\0"),
    "PNG with packed international text": _text_chunk(b"iTXt", b"a\0\1\0\0\0"),
    "PNG with a packed profile": _text_chunk(b"iCCP", b"a\0\0"),
}

CASES: list[Case] = [
    *(refused("bombs", name, build, _COMPLEX) for name, build in _UNPACKED.items()),
    *(
        refused("bombs", f"older list: {name}", HOSTILE[name][0], _COMPLEX, is_heavy=name != "filter-tower")
        for name in ("many-bombs", "lzw-bomb", "slow-drawing", "filter-tower", "many-objects", "many-values")
    ),
    *(
        refused("bombs", name, build, "DIMENSIONS")
        for name, build in {
            "PNG of 60,000 pixels a side": lambda: png(60_000, 60_000, data=b"\0" * 999),
            "PNG of two thousand million pixels a side": lambda: png(
                0x7FFFFFFF, 0x7FFFFFFF, data=b"\0" * 999
            ),
            "interlaced PNG of 60,000 pixels a side": lambda: png(
                60_000, 60_000, data=b"\0" * 999, interlaced=True
            ),
            "JPEG of 65,535 pixels a side": lambda: jpeg_of(65_535, 65_535),
        }.items()
    ),
    refused("bombs of pictures", "JPEG upload of 500 scans", lambda: _scans(500), _COMPLEX),
    refused(
        "slow",
        "pattern of a hundred million tiles",
        lambda: raw_pdf(
            objects(
                {
                    3: page(resources=b"<</Pattern<</P 5 0 R>>>>"),
                    4: stream(b"/Pattern cs /P scn 0 0 612 792 re f"),
                    5: stream(
                        b"0 0 .01 .01 re f",
                        b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 .01 .01]/XStep .01/YStep .01/Resources<<>>",
                    ),
                }
            )
        ),
        _COMPLEX,
        "",
        is_heavy=True,
    ),
    refused(
        "slow",
        "line of ten million dashes",
        _drawn(b"[.0001 .0001] 0 d 0 0 m 612 792 l S " * 2000),
        _COMPLEX,
        "",
        is_heavy=True,
    ),
]
